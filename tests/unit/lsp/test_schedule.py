import asyncio
import threading

import pytest

from praxis.lsp.schedule import Schedule


class Recorder:
    """Jobs that wait for their gate, and what came of them."""

    def __init__(self):
        self.gate = threading.Event()
        self.begun, self.finished = [], []
        self.threads = set()

    def prepare(self, key):
        self.begun.append(key)

        def job():
            self.threads.add(threading.current_thread().name)
            assert self.gate.wait(30)
            if key == "bad":
                raise ValueError("bad")
            return key.upper()

        return job

    def finish(self, key, outcome):
        self.finished.append((key, outcome if isinstance(outcome, str) else repr(outcome)))


async def until(holds):
    for _ in range(3000):
        if holds():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came to that")


async def settled(recorder, count):
    await until(lambda: len(recorder.finished) >= count)


def run(scenario):
    async def main():
        recorder = Recorder()
        schedule = Schedule(asyncio.get_running_loop(), recorder.prepare, recorder.finish)
        await scenario(recorder, schedule)
        recorder.gate.set()

    asyncio.run(main())


def test_asks_in_a_row_become_one_job():
    async def scenario(recorder, schedule):
        recorder.gate.set()
        for _ in range(5):
            schedule.ask("a", delay_s=0.05)
        await settled(recorder, 1)
        await asyncio.sleep(0.2)
        assert recorder.finished == [("a", "A")]

    run(scenario)


def test_what_is_asked_for_during_a_job_runs_once_after_it():
    async def scenario(recorder, schedule):
        schedule.ask("a", delay_s=0)
        await until(lambda: recorder.begun)
        for _ in range(3):
            schedule.ask("a", delay_s=0)
            await asyncio.sleep(0.02)
        schedule.ask("b", delay_s=0)
        await asyncio.sleep(0.05)
        assert recorder.begun == ["a"]
        recorder.gate.set()
        await settled(recorder, 3)
        assert recorder.finished == [("a", "A"), ("a", "A"), ("b", "B")]

    run(scenario)


def test_a_job_that_fails_is_told_and_the_next_one_runs():
    async def scenario(recorder, schedule):
        recorder.gate.set()
        schedule.ask("bad", delay_s=0)
        await settled(recorder, 1)
        schedule.ask("a", delay_s=0)
        await settled(recorder, 2)
        assert recorder.finished == [("bad", "ValueError('bad')"), ("a", "A")]
        assert recorder.threads == {"audits"}

    run(scenario)
