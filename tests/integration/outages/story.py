"""Visitors come before, while and after a fault strikes; what each of them met is kept."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

from tests.integration.outages.faults import Scene
from tests.integration.outages.loads import Load, Visit, connect
from tests.integration.timeouts import timeouts

#: So often each visitor is served before the fault strikes, and in a row after it has been healed.
SERVED = 15
PAUSE_S = 0.002
#: How long a fault lasts that does not pass by itself: the breaker asks in vain meanwhile.
LASTS_S = 1.5
#: When to give up; on a busy machine as well nothing of it takes so long.
PATIENCE_S = 60.0


class Story:
    """
    What happened.

    Attributes:
        visits: Of each visitor of each load, in their order.
        struck_s: When the fault struck, by `time.monotonic`.
        healed_s: When it was repaired, or had repaired itself.
    """

    def __init__(self, scene: Scene, loads: Sequence[Load]) -> None:
        self.scene, self.loads = scene, loads
        self.visits: dict[tuple[Load, int], list[Visit]] = {
            (load, visitor): [] for load in loads for visitor in range(load.most_visitors)
        }
        self.struck_s = self.healed_s = 0.0
        self._is_over = threading.Event()
        self._timeouts = Counter[threading.Thread]()

    def happen(self, *, in_coroutines: bool = False) -> "Story":
        """Let it happen, from the beginning to the end."""
        if in_coroutines:
            threads = [threading.Thread(target=lambda: asyncio.run(self._all_keep_coming()))]
        else:
            threads = [threading.Thread(target=self._keep_coming, args=who) for who in self.visits]
        with timeouts() as self._timeouts:
            for thread in threads:
                thread.start()
            try:
                self._let_it_happen()
            finally:
                self._is_over.set()
                for thread in threads:
                    thread.join()
        return self

    def complaints(self) -> list[str]:
        """Everything that must not be, and was; by component."""
        found = []
        for load in self.loads:
            told = [*load.complaints, *load.told_at_the_end()]
            for visitor in range(load.most_visitors):
                told += self._of_one(load, self.visits[load, visitor])
            found += [f"{load.name}: {one}" for one in dict.fromkeys(told)]
        return found

    def _of_one(self, load: Load, visits: Sequence[Visit]) -> list[str]:
        told = []
        for visit in visits:
            if visit.error is not None and not load.may_raise(visit.error):
                told.append(f"{type(visit.error).__name__} was raised: {visit.error}")
            if visit.timeouts > 1:
                told.append(f"a call waited for {visit.timeouts} timeouts")
        if all(visit.is_served for visit in visits if self._is_in_outage(visit)):
            told.append("nothing failed, so that nothing was tried")
        return told

    def _is_in_outage(self, visit: Visit) -> bool:
        return self.struck_s <= visit.began_s <= self.healed_s

    def _let_it_happen(self) -> None:
        self._until(lambda visits: sum(visit.is_served for visit in visits) >= SERVED)
        self.struck_s = time.monotonic()
        self.scene.strike()
        time.sleep(LASTS_S)
        self.scene.heal()
        self.healed_s = time.monotonic()
        self._until(self._is_back)

    def _is_back(self, visits: Sequence[Visit]) -> bool:
        last = visits[-SERVED:]
        return len(last) == SERVED and all(
            visit.is_served and visit.began_s > self.healed_s for visit in last
        )

    def _until(self, is_so: Callable[[Sequence[Visit]], bool]) -> None:
        """Wait until it is so for each visitor."""
        deadline_s = time.monotonic() + PATIENCE_S
        for (load, visitor), visits in self.visits.items():
            while not is_so(list(visits)):
                last = visits[-1] if visits else None
                assert time.monotonic() < deadline_s, (load.name, visitor, last)
                time.sleep(0.01)

    def _keep_coming(self, load: Load, visitor: int) -> None:
        visits, thread = self.visits[load, visitor], threading.current_thread()
        while not self._is_over.is_set():
            before, began_s, error, is_served = (
                self._timeouts[thread],
                time.monotonic(),
                None,
                False,
            )
            try:
                is_served = load.visit(visitor)
            except Exception as raised:  # noqa: BLE001 - what it may be is judged at the end
                error = raised
            took_s, waited = time.monotonic() - began_s, self._timeouts[thread] - before
            visits.append(Visit(began_s, took_s, waited, is_served, error))
            time.sleep(PAUSE_S)

    async def _all_keep_coming(self) -> None:
        await connect()
        await asyncio.gather(*(self._akeep_coming(*who) for who in self.visits))

    async def _akeep_coming(self, load: Load, visitor: int) -> None:
        visits = self.visits[load, visitor]
        while not self._is_over.is_set():
            began_s, error, is_served = time.monotonic(), None, False
            try:
                is_served = await load.avisit(visitor)
            except Exception as raised:  # noqa: BLE001 - as above
                error = raised
            visits.append(Visit(began_s, time.monotonic() - began_s, -1, is_served, error))
            await asyncio.sleep(PAUSE_S)
