"""
Which fixes pass the user's check: a search by halves, in as few runs as it can.

Nothing here runs or writes anything: the caller does, and says how it ended.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

from praxis.audit.fixing.command import Outcome
from praxis.audit.fixing.marks import Mark

Units = tuple[Mark, ...]


class Search:
    """
    Finds fixes that pass together, out of those that failed all together.

    Halves are tried on top of what is known to pass, so a fix that breaks the check only
    together with another is found too: the later one of the two is taken back. Groups (a rule
    in a file) are told apart first, then the single fixes of a group that fails.

    Args:
        passes: Runs the check with just these fixes applied.
    """

    def __init__(self, passes: Callable[[Units], Outcome]) -> None:
        self._passes = passes
        #: The fixes that the check does not bear, and how it ended with them.
        self.rejected: dict[Mark, Outcome] = {}

    def run(self, marks: Sequence[Mark], failure: Outcome) -> Units:
        """The fixes that may stay; all of *marks* together are known to end in *failure*."""
        return self._keep((), tuple(sorted(marks)), failure)

    def _keep(self, base: Units, marks: Units, failure: Outcome | None) -> Units:
        """Those of *marks* that pass on top of *base*; *failure* where all of them failed."""
        if failure is None:
            outcome = self._passes(base + marks)
            if outcome.passed:
                return marks
            failure = outcome
        if len(marks) == 1:
            self.rejected[marks[0]] = failure
            return ()
        left, right = halves(marks)
        kept_left = self._keep(base, left, None)
        # where the left half passes, all of it plus the right one is what has just failed
        kept_right = self._keep(base + kept_left, right, failure if kept_left == left else None)
        return kept_left + kept_right


def halves(marks: Units) -> tuple[Units, Units]:
    """Split in two between groups, or within the group where there is but one."""
    groups = [tuple(group) for _, group in groupby(marks, key=lambda mark: (mark.code, mark.path))]
    if len(groups) == 1:
        middle = len(marks) // 2
        return marks[:middle], marks[middle:]
    middle = len(groups) // 2
    return sum(groups[:middle], ()), sum(groups[middle:], ())
