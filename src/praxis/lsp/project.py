"""One project as an editor has it open: audited with the texts that are not saved yet."""

import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from praxis.audit.baseline import Baseline
from praxis.audit.config import Config, read_config
from praxis.audit.engine import Audit, audit
from praxis.audit.facts.parsing import parse
from praxis.audit.facts.sources import Kind, Root, find_root
from praxis.audit.findings import Finding, Problem
from praxis.audit.outcome import Request, settle
from praxis.errors import ConfigError, ProjectError


@dataclass(slots=True)
class Snapshot:
    """What was found at one moment, by path relative to the project's root."""

    result: Audit
    config: Config
    findings: dict[str, list[Finding]] = field(default_factory=dict)
    #: Texts that cannot be read as they stand; their findings are those of what stood before.
    unreadable: dict[str, Problem] = field(default_factory=dict)
    #: What is wrong with the settings or a baseline.
    complaints: list[str] = field(default_factory=list)

    def text(self, path: str) -> str | None:
        """The text that was audited; None where it is not known or has changed on the disk."""
        if path not in self.result.project.summaries:
            return None
        try:
            return self.result.project.text(path)
        except ProjectError:
            return None

    def kind(self, path: str) -> Kind:
        """The language of the file."""
        return self.result.project.summaries[path].kind


def root_around(path: Path, folders: list[Path]) -> Root:
    """
    The project that the file at *path* belongs to.

    A folder that is open in the editor (one of *folders*), or what it is part of, if it shows
    that it is a project; else the nearest project around the file; else the open folder, unless
    that is somebody's home or the whole disk; else the file's own folder.

    Raises:
        ProjectError: if there is no such file.
    """
    around = [folder for folder in folders if path.is_relative_to(folder)]
    around.sort(key=lambda folder: len(folder.parts))
    candidates = [*around, path]
    for candidate in candidates:
        found = find_root(candidate)
        if found.evidence:
            break
    else:
        fit = [folder for folder in around if folder not in _too_much()]
        found = find_root(fit[0] if fit else path)
    return Root(found.folder, found.evidence)


def _too_much() -> set[Path]:
    try:
        return {Path.home().resolve(), *Path.home().resolve().parents}
    except RuntimeError:  # a user without a home
        return set()


class OpenProject:
    """Audits the project at *root* again and again; not for two threads at once."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self._config = Config()
        self._readable: dict[str, str] = {}

    def audit(self, texts: Mapping[str, str]) -> Snapshot:
        """
        Audit it with *texts* (by path) instead of what the disk holds.

        A text that cannot be read, as happens while somebody types, stands back for the last
        one that could. Wrong settings are told, and the last right ones are used.

        Raises:
            ProjectError: if there is no file to check.
        """
        complaints: list[str] = []
        try:
            self._config = read_config(self.root.folder)
        except ConfigError as error:
            complaints.append(str(error))
        unreadable = self._sort_out(texts)
        overlay = {path: encode(self._readable[path]) for path in texts if path in self._readable}
        result = self._run(overlay, complaints)
        outcome = settle(result, self._config, self._request(complaints))
        snapshot = Snapshot(result, self._config, complaints=complaints, unreadable=unreadable)
        for finding in outcome.findings:
            snapshot.findings.setdefault(finding.place.path, []).append(finding)
        return snapshot

    def _sort_out(self, texts: Mapping[str, str]) -> dict[str, Problem]:
        """Keep the readable ones; of the others say what is wrong."""
        self._readable = {path: text for path, text in self._readable.items() if path in texts}
        unreadable: dict[str, Problem] = {}
        for path, text in texts.items():
            problem = parse(path, text) if path.endswith(".py") else None
            if isinstance(problem, Problem):
                unreadable[path] = problem
            else:
                self._readable[path] = text
        return unreadable

    def _run(self, overlay: Mapping[str, bytes], complaints: list[str]) -> Audit:
        # in this process: to fork one that has threads is not safe, and editors keep them
        try:
            return audit(self.root, self._config, overlay=overlay, processes=1)
        except ConfigError as error:  # the settings name a rule that does not exist
            complaints.append(str(error))
            self._config = Config()
            return audit(self.root, self._config, overlay=overlay, processes=1)

    def _request(self, complaints: list[str]) -> Request:
        if not self._config.baseline:
            return Request()
        try:
            return Request(baseline=Baseline.read(self.root.folder / self._config.baseline))
        except ConfigError as error:
            complaints.append(str(error))
            return Request()


def encode(text: str) -> bytes:
    """*text* as its own coding line wants it, so that it is decoded to the same again."""
    data = text.encode("utf-8", "surrogatepass")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return text.encode(encoding)
    except (SyntaxError, LookupError, UnicodeError):
        return data
