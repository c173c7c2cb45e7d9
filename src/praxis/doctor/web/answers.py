"""An answer of a web server, and what its headers say."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

#: So many files of a page are looked at.
_MAX_FILES = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """
    One answer; *headers* in the order they came, names in lower case.

    *body* is what was sent, compressed or not, and cut at some megabytes.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False, default=b"")
    version: int = 11  # 10 for HTTP/1.0

    def header(self, name: str) -> str | None:
        """All values of a header, with commas between them; None if there is none."""
        found = [value for known, value in self.headers if known == name]
        return ", ".join(found) if found else None

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for known, value in self.headers if known == name]

    @property
    def kind(self) -> str:
        """The media type, without parameters."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def is_text(self) -> bool:
        """Whether it gains from compression."""
        return self.kind.startswith("text/") or self.kind in (
            "application/javascript",
            "application/json",
            "application/manifest+json",
            "image/svg+xml",
        )


def files_of(page: Answer, text: str) -> list[str]:
    """Addresses of scripts, styles and pictures of the same site that a page names."""
    collector = _Files()
    collector.feed(text)
    host = urlsplit(page.url).netloc
    found = dict.fromkeys(urljoin(page.url, name).partition("#")[0] for name in collector.names)
    same = [url for url in found if urlsplit(url).netloc == host]
    return same[:_MAX_FILES]


class _Files(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        is_style = tag == "link" and "stylesheet" in known.get("rel", "").lower()
        name = known.get("href") if is_style else None
        if tag in ("script", "img"):
            name = known.get("src")
        if name and not name.startswith("data:"):
            self.names.append(name)
