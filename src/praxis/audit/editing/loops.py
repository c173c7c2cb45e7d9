"""A loop replaced by one statement, in its place."""

import ast

from praxis.audit.file import has_comment
from praxis.audit.findings import Edit


def replace_loop(
    path: str, text: str, loop: tuple[int, int], receiver: tuple[int, int], call: str
) -> Edit | None:
    """
    Put ``receiver.call`` in the place of the loop; *receiver* is a piece of it.

    None where a comment would go with the loop, or where the loop does not begin its line.
    """
    start, end = loop
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip() or has_comment(text[start:end]) or "\\\n" in text[start:end]:
        return None
    if '"""' in text[start:end] or "await " in text[start:end]:
        return None
    written = text[slice(*receiver)]
    for statement in (f"{written}.{call}", f"({written}).{call}"):
        try:
            tree = ast.parse(statement)
        except SyntaxError:
            continue
        if len(tree.body) == 1:
            return Edit(path, start, end, statement)
    return None
