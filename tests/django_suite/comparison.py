"""What of a run is the cache's doing."""

from dataclasses import dataclass

from tests.django_suite.expected import EXPECTED
from tests.django_suite.modes import Mode
from tests.django_suite.run import Run


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    One module in one mode, and the same without the cache.

    Attributes:
        new: Failures that there are only with the cache, but for those that are set aside.
        set_aside: Tests that failed only for having made fewer queries, which is what hits are
            for, and those of `expected`.
    """

    vendor: str
    module: str
    mode: Mode
    control: Run
    run: Run
    new: dict[str, str]
    set_aside: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether the tests said the same and our own checks found nothing."""
        return not self.new and not self.run.told


def compare(vendor: str, module: str, mode: Mode, control: Run, run: Run) -> Comparison:
    """
    Take the failures of the control away.

    Only where hits are served may a test make fewer queries, besides those of `expected`.
    """
    serves = mode.verify_share < 1
    only = {name: said for name, said in run.failures.items() if name not in control.failures}
    fewer = run.fewer_queries if serves else []
    aside = tuple(name for name in only if name in fewer or name in EXPECTED)
    new = {name: said for name, said in only.items() if name not in aside}
    if control.tests != run.tests and not new:
        new["the number of tests"] = f"{run.tests}, and {control.tests} without the cache"
    return Comparison(vendor, module, mode, control, run, new, aside)
