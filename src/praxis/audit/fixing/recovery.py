"""Taking back what the last run of fixes changed, or keeping it."""

from dataclasses import dataclass, field

from praxis.audit.facts.sources import digest_of, read_bytes
from praxis.audit.findings import Problem
from praxis.audit.fixing.journal import Journal
from praxis.audit.fixing.writing import Replacement, refusal_to_write
from praxis.errors import FixError


@dataclass(slots=True)
class Restored:
    """The paths that hold their originals again, and why others do not."""

    paths: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)


def undo(journal: Journal) -> Restored:
    """
    Put the originals of the last run back where the files are still as that run left them.

    The originals of files that were left stay in the journal.

    Raises:
        FixError: if there is nothing to take back.
    """
    if journal.run is None:
        raise FixError(f"{journal.root}: there is no run of praxis fix to take back")
    restored = Restored()
    for path, entry in sorted(journal.run.files.items()):
        data = read_bytes(journal.root, path)
        digest = "" if isinstance(data, Problem) else digest_of(data)
        if digest == entry.original:
            continue
        reason = (
            _restore(journal, path, digest)
            if digest in entry.written
            else f"{path} was changed after the run; its original is "
            f"{journal.folder / entry.original}"
        )
        if reason is None:
            restored.paths.append(path)
        else:
            restored.left[path] = reason
    if restored.left:
        journal.finish(set(restored.left))
    else:
        journal.close()
    return restored


def _restore(journal: Journal, path: str, digest: str) -> str | None:
    try:
        original = journal.original(path)
    except FixError as error:  # the other files are still brought back
        return str(error)
    reason = refusal_to_write(journal.root, path)
    if reason is not None:
        return reason
    try:
        return Replacement(journal.root, path, digest, original).commit()
    except OSError as error:
        return f"{path}: {error.strerror}"


def keep(journal: Journal) -> list[str]:
    """
    Accept what a run left that did not end; it can still be taken back.

    Raises:
        FixError: if there is no such run.
    """
    paths = journal.interrupted()
    if not paths:
        raise FixError(f"{journal.root}: no run of praxis fix was interrupted")
    journal.finish(set(paths))
    return paths


def demand_no_interrupted_run(journal: Journal) -> None:
    """
    Refuse to begin on top of a run that was killed; one that left no trace is forgotten.

    Raises:
        FixError: where it left files changed, with both ways on.
    """
    paths = journal.interrupted()
    if not paths:
        if journal.run is not None and not journal.run.finished:
            journal.close()
        return
    assert journal.run is not None  # noqa: S101 - it was interrupted
    verifying = f" --verify {journal.run.command!r}" if journal.run.command else ""
    count = f"{len(paths)} file{'s' if len(paths) != 1 else ''}"
    raise FixError(
        f"a run of praxis fix{verifying} that began at {journal.run.started_at} was interrupted "
        f"and left {count} changed ({', '.join(paths[:3])}{', …' if len(paths) > 3 else ''}). "
        "`praxis fix --undo` puts the originals back; `praxis fix --keep` keeps what is there"
    )
