from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from praxis.audit.cache import FOLDER_VARIABLE
from praxis.audit.config import Config
from praxis.audit.engine import Audit, audit
from praxis.audit.facts.sources import Root


class Site:
    """A project of a few files in a temporary folder, audited by the rules of the test alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for path, content in files.items():
            full = self.folder / path
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_bytes(content if isinstance(content, bytes) else content.encode())

    def read(self, path: str) -> str:
        return (self.folder / path).read_bytes().decode()

    def auditor(self, overlay: Mapping[str, bytes]) -> Audit:
        config = Config(select=("TST",))
        return audit(Root(self.folder, ()), config, use_cache=False, processes=1, overlay=overlay)

    def leftovers(self) -> list[str]:
        return [path.name for path in self.folder.rglob("*") if path.name.endswith("praxis-new")]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Site]:
    """Make the project of these files; journals go to a temporary folder too."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))

    def make(files: Mapping[str, str | bytes]) -> Site:
        made = Site(tmp_path.resolve() / "site")
        made.folder.mkdir()
        made.write(files)
        return made

    return make
