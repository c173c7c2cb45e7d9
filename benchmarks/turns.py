"""Ways to do one thing, timed in turns, and the tables of what they took."""

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

Act = Callable[[], object]


def in_turns_us(
    acts: Mapping[str, Act],
    *,
    rounds: int,
    calls: int,
    before: Mapping[str, Act] | None = None,
) -> dict[str, list[float]]:
    """
    Time each way in so many batches of so many calls; the best and the middle batch of each.

    They take turns, so that what else the machine does meets all of them. Microseconds a call.
    What stands in *before* by the name of a way is done before each of its batches.
    """
    batches: dict[str, list[float]] = {way: [] for way in acts}
    for _ in range(rounds):
        for way, act in acts.items():
            if before:
                before[way]()
            act()  # a connection is opened, a script learnt
            began = time.perf_counter()
            for _ in range(calls):
                act()
            batches[way].append((time.perf_counter() - began) / calls * 1e6)
    return {way: [min(found), median(found)] for way, found in batches.items()}


def heading(title: str, result: Mapping[str, Any]) -> list[str]:
    """The title, and what it was measured on and with."""
    machine = result["machine"]
    names = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    on = (
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, "
        f"Python {machine['python']}, {machine['date']}, load {machine['load_1_min']}; {names}."
    )
    return [f"# {title}", "", on, ""]


def ratios(spent_us: Mapping[str, list[float]], *, digits: int = 1) -> list[str]:
    """A row a way, with the ratio of its middle batch to that of the first one."""
    first = next(iter(spent_us.values()))[1]
    return [
        "| way | best | middle | ratio |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {way} | {best:.{digits}f} | {middle:.{digits}f} | {middle / first:.2f} |"
            for way, (best, middle) in spent_us.items()
        ),
    ]
