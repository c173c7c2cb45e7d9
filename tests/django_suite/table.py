"""The rows that a person reads."""

from tests.django_suite.comparison import Comparison

_COLUMNS = ("tests", "without", "with", "aside", "new", "passed", "lookups", "hits", "fills",
            "replayed")  # fmt: skip


def heading() -> str:
    """The names of the columns: see `comparison` and `inside.counting`."""
    return f"{'module':26} {'vendor':10} {'mode':9}" + "".join(f"{name:>9}" for name in _COLUMNS)


def row(one: Comparison) -> str:
    """One module in one mode."""
    counts = one.run.counts
    values = [one.run.tests, len(one.control.failures), len(one.run.failures), len(one.set_aside),
              len(one.new) + len(one.run.told),
              *(counts.get(name, 0) for name in _COLUMNS[5:])]  # fmt: skip
    return f"{one.module:26} {one.vendor:10} {one.mode.name:9}" + "".join(
        f"{value:9}" for value in values
    )


def details(one: Comparison) -> str:
    """What is wrong, in full."""
    where = f"{one.module} on {one.vendor}, {one.mode.name}"
    found = [f"--- {where}: {name}\n{said}" for name, said in one.new.items()]
    found += [f"--- {where}, told by our own checks: {said}" for said in one.run.told]
    return "\n".join(found)
