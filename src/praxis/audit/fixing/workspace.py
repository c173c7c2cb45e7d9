"""The files of the project while a run goes on: brought to a plan, to another, and back."""

from collections.abc import Iterable, Mapping

from praxis.audit.facts.sources import digest_of, read_bytes
from praxis.audit.fixing.journal import Journal
from praxis.audit.fixing.planning import Change
from praxis.audit.fixing.writing import Replacement


class Workspace:
    """
    What a run has written so far.

    Args:
        journal: Of a run that has begun; it learns of every content before that is written.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal, self._root = journal, journal.root
        #: What each file held that this run has to do with.
        self.originals: dict[str, bytes] = {}
        self._shown: dict[str, bytes] = {}
        #: Whether what is on the disk may stay.
        self.settled = False

    @property
    def changed(self) -> set[str]:
        """The paths that do not hold what they held before the run."""
        return {path for path, data in self._shown.items() if data != self.originals[path]}

    def show(self, changes: Mapping[str, Change]) -> dict[str, str]:
        """
        Bring the disk to *changes*: those files as they say, all others as before the run.

        Returns the reasons by path where that failed; every file is then as it was before the
        call, but for those that somebody else has changed meanwhile.

        Raises:
            FixError: if the journal cannot be kept; nothing was written.
        """
        wanted = self._wanted(changes)
        reasons = self._meddled(changes.keys() - wanted.keys()) or self._replace(wanted)
        if not reasons:
            self._shown |= wanted
        return reasons

    def retreat(self, changes: Mapping[str, Change]) -> dict[str, str]:
        """
        As `show`, but each file by itself: what somebody else has changed keeps no other back.

        Raises:
            FixError: if the journal cannot be kept; nothing was written.
        """
        reasons: dict[str, str] = {}
        for path, data in self._wanted(changes).items():
            failed = self._replace({path: data})
            reasons |= failed
            if not failed:
                self._shown[path] = data
        return reasons

    def _wanted(self, changes: Mapping[str, Change]) -> dict[str, bytes]:
        """What must be written for *changes*; the journal knows of it then."""
        for path, change in changes.items():
            self.originals.setdefault(path, change.before)
            self._shown.setdefault(path, change.before)
        wanted = {
            path: changes[path].after if path in changes else self.originals[path]
            for path in self._shown
        }
        wanted = {path: data for path, data in wanted.items() if data != self._shown[path]}
        self._journal.intend(
            self.originals, {path: digest_of(data) for path, data in wanted.items()}
        )
        return wanted

    def _meddled(self, paths: Iterable[str]) -> dict[str, str]:
        """Which of the files that hold the right content already, by this run, do not any more."""
        return {
            path: f"{path} changed since it was written: run praxis fix again"
            for path in sorted(paths)
            if read_bytes(self._root, path) != self._shown[path]
        }

    def _replace(self, wanted: Mapping[str, bytes]) -> dict[str, str]:
        """Replace all of the files or none; all are written beside before the first is."""
        staged: list[Replacement] = []
        committed: list[str] = []
        reasons: dict[str, str] = {}
        try:
            for path, data in wanted.items():
                expected = digest_of(self._shown[path])
                try:
                    staged.append(Replacement(self._root, path, expected, data))
                except OSError as error:
                    reasons[path] = f"{path}: {error.strerror}"
            for replacement in () if reasons else staged:
                reason = replacement.commit()
                if reason is not None:
                    reasons[replacement.path] = reason
                    break
                committed.append(replacement.path)
        except BaseException:
            self._put_back(committed, wanted)
            raise
        finally:
            for replacement in staged:
                replacement.discard()
        if reasons:
            reasons |= self._put_back(committed, wanted)
        return reasons

    def _put_back(self, paths: list[str], written: Mapping[str, bytes]) -> dict[str, str]:
        reasons: dict[str, str] = {}
        for path in paths:
            try:
                expected = digest_of(written[path])
                reason = Replacement(self._root, path, expected, self._shown[path]).commit()
            except OSError as error:
                reason = f"{path}: {error.strerror}"
            if reason is not None:
                reasons[path] = f"{reason}; what it held before is kept in {self._journal.folder}"
        return reasons
