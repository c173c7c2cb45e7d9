"""How rows are to be loaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from praxis.databases.bulk.target import Target
from praxis.errors import BulkLoadError

#: What to do where a row is there already.
CONFLICTS = (None, "ignore", "update")


@dataclass(frozen=True, slots=True)
class Wish:
    """
    How rows are to be loaded.

    Attributes:
        on_conflict: One of CONFLICTS.
        match: The fields by which a row is the same.
        update: The fields to write where a row is there; None for those that the rows name.
        returning: Whether the primary keys are wanted.
        validate: Whether each row is cleaned.
        progress: Is told how many rows are through.
    """

    on_conflict: str | None
    match: Sequence[Any]
    update: Sequence[Any] | None
    returning: bool
    validate: bool
    progress: Callable[[int], None] | None

    @classmethod
    def of(
        cls,
        target: Target,
        *,
        on_conflict: str | None,
        match: Sequence[str] | None,
        update: Sequence[str] | None,
        returning: bool,
        validate: bool,
        progress: Callable[[int], None] | None,
    ) -> "Wish":
        """
        Check what was asked for.

        Raises:
            BulkLoadError: if it does not fit together, or not the model.
        """
        if on_conflict not in CONFLICTS:
            raise BulkLoadError(
                f'on_conflict must be None, "ignore" or "update", not {on_conflict!r}.'
            )
        matched = target.chosen(match, what="match") if match is not None else []
        updated = target.chosen(update, what="update") if update is not None else None
        if on_conflict is None and (matched or updated):
            raise BulkLoadError('match and update belong to on_conflict="ignore" or "update".')
        if on_conflict == "ignore" and updated:
            raise BulkLoadError('update belongs to on_conflict="update".')
        if on_conflict and not matched and (on_conflict == "update" or returning):
            raise BulkLoadError("match=[…] must say by which fields a row is the same.")
        if matched:
            target.check_unique(matched)
        if returning and any(field.null for field in matched):
            raise BulkLoadError("returning needs a match whose fields cannot be NULL.")
        return cls(on_conflict, matched, updated, returning, validate, progress)

    def updated(self, named: Sequence[Any], available: Sequence[Any]) -> list[Any]:
        """
        Return the fields to write where a row is there already.

        Args:
            named: The fields that the rows say something about.
            available: Those that have a value, if only a default one.

        Raises:
            BulkLoadError: if there are none.
        """
        chosen = [
            field
            for field in (named if self.update is None else self.update)
            if field not in self.match
            and not field.primary_key
            and not (self.update is None and getattr(field, "auto_now_add", False))
        ]
        if lacking := [field.name for field in chosen if field not in available]:
            raise BulkLoadError(f"update names {lacking[0]!r}, of which the rows say nothing.")
        if not chosen:
            raise BulkLoadError('Nothing is left to update: on_conflict="ignore" does that.')
        moments = [each for each in available if getattr(each, "auto_now", False)]
        return [*chosen, *(each for each in moments if each not in chosen)]
