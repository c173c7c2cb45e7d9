"""The files that a page names, asked for once."""

from praxis.doctor.web.answers import Answer, files_of
from praxis.doctor.web.session import Page


def files(page: Page) -> list[Answer]:
    """Scripts, styles and pictures of the same host: some of them."""
    if "files" not in page.kept:
        answer = page.answer()
        names = files_of(answer, page.text()) if answer.kind == "text/html" else []
        page.kept["files"] = [page.get(name) for name in names]
    found: list[Answer] = page.kept["files"]
    return found
