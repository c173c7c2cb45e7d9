"""What shows, a file at a time, that a module holds settings or names the module that does."""

import ast
import re

from msgspec import Struct

from praxis.audit.file import File
from praxis.audit.summary import Fact

#: A module that assigns two of these is a settings module.
SIGNS = frozenset({
    "INSTALLED_APPS", "ROOT_URLCONF", "DATABASES", "MIDDLEWARE", "MIDDLEWARE_CLASSES",
    "SECRET_KEY", "TEMPLATES", "WSGI_APPLICATION", "ALLOWED_HOSTS", "DEBUG",
})  # fmt: skip
#: A file without any of these is passed over unread; most are.
_SIGNS_IN_TEXT = (
    "INSTALLED_APPS",
    "ROOT_URLCONF",
    "DATABASES",
    "DJANGO_SETTINGS_MODULE",
    "import *",
)
_NAMED = re.compile(
    r"""^[^#\n]*DJANGO_SETTINGS_MODULE['"]\]?\s*[,=]\s*['"](?P<module>[\w.]+)['"]""", re.MULTILINE
)


class SettingsHints(Struct, frozen=True, array_like=True):
    """
    The hints of one file.

    Attributes:
        assigns: The telling settings that it assigns, also in classes and conditions.
        stars: Modules that are star-imported, with their leading dots.
        named: Modules that it names as the value of ``DJANGO_SETTINGS_MODULE``.
    """

    assigns: tuple[str, ...]
    stars: tuple[str, ...]
    named: tuple[str, ...]


def find_hints(file: File) -> SettingsHints | None:
    """The hints of *file*; None for the many files that have none."""
    text = file.text
    if not any(sign in text for sign in _SIGNS_IN_TEXT):
        return None
    named = tuple(match["module"] for match in _NAMED.finditer(text))
    assigns: set[str] = set()
    stars: list[str] = []
    stack: list[ast.stmt] = list(file.tree.body)
    while stack:
        node = stack.pop()
        match node:
            case ast.Assign(targets=targets):
                assigns |= {target.id for target in targets if isinstance(target, ast.Name)} & SIGNS
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.AugAssign(target=ast.Name(id=name)):
                assigns |= {name} & SIGNS
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                stars.append("." * node.level + (node.module or ""))
            case ast.If() | ast.With() | ast.ClassDef():
                stack += node.body
                stack += getattr(node, "orelse", [])
            case ast.Try():
                stack += [*node.body, *node.orelse, *node.finalbody]
                stack += [inner for handler in node.handlers for inner in handler.body]
    if not (assigns or stars or named):
        return None
    return SettingsHints(tuple(sorted(assigns)), tuple(stars), named)


SETTINGS_HINTS = Fact("settings_hints", SettingsHints, find_hints)
