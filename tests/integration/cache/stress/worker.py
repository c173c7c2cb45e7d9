"""
The processes of the stress test: they write versions, or read them and look whether any is old.

    python -m tests.integration.cache.stress.worker FOLDER

FOLDER holds ``plan.json``, the board, and what was found. Each line on standard input, such as
``writer 0``, has one of them begin; its number comes back. They are forks of one process that has
imported everything, so that one which was killed is back at once.
"""

import json
import os
import random
import sys
import time
import traceback
from collections import deque
from importlib import import_module
from pathlib import Path

from tests.integration.cache.stress.board import KINDS, WAYS, Board

#: Of a reader in one round, and of how many kinds: again and again what may be a hit by then.
READS_A_ROUND, KINDS_A_ROUND = 100, 3
#: Pauses of writers after each round, one by chance: without them hardly anything is a hit.
PAUSES_S = (0.0, 0.1, 1.0, 4.0)
MOST_EXAMPLES = 5


def configure(plan, role, number):
    import django
    from django.conf import settings  # noqa: TID251 - other ones are made of them

    database = dict(plan["database"])
    options = {**database.get("OPTIONS", {}), "application_name": f"{role}-{number}"}
    cache = {"models": {"library.*": {}}, **plan["cache"]}
    if role == "reader":
        cache["near_s"] = near_s(plan, number)
    settings.configure(
        INSTALLED_APPS=plan["apps"],
        DATABASES={"default": {**database, "OPTIONS": options}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        ROOT_URLCONF="tests.integration.cache.stress.reads",
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        PRAXIS={"cache": cache, "redis": plan["writers_redis" if role == "writer" else "redis"]},
    )
    django.setup()


def near_s(plan, number):
    """The last readers answer from their own memory what is not older than this."""
    return plan["near_s"] if number >= plan["readers"] - plan["near_readers"] else 0.0


class Writer:
    """Writes versions of rows of its own, each kind in its way."""

    def __init__(self, m, board, number):
        from tests.integration.cache.stress.writes import Writes

        self.board, self.number = board, number
        self.writes, self.chance = Writes(m, number), random.Random()
        # what a process before this one had begun may be there
        self.versions = {kind: board.attempted(kind, number) for kind in KINDS}

    def work(self):
        from django.db import Error, connection

        for kind in KINDS:
            version = self.versions[kind] = self.versions[kind] + 1
            self.board.attempt(kind, self.number, version)
            try:
                getattr(self.writes, kind)(version)
            except Error as error:  # the cache's refusal, too: not acknowledged
                refused = type(error).__name__ == "WriteRefusedError"
                self.board.count(self.number, "refused" if refused else "doubtful")
                connection.close()
                time.sleep(0.01)
                continue
            self.board.acknowledge(kind, self.number, version)
            self.board.count(self.number, "written")
        time.sleep(self.chance.choice(PAUSES_S))


class Reader:
    """Reads all that writers write, and counts what is older than it may be."""

    def __init__(self, m, board, number, plan, found):
        from tests.integration.cache.stress.reads import Reads

        self.board, self.number, self.found = board, number, found
        self.process = plan["writers"] + number
        self.near_s = near_s(plan, number)
        self.ways = random.Random()
        self.reads = Reads(m, plan, self.ways)
        self.before = {kind: deque() for kind in KINDS}
        self.examples = 0

    def work(self):
        from django.db import Error, connection

        writers = range(self.board.writers)
        kinds = self.ways.sample(KINDS, KINDS_A_ROUND)
        self.reads.way = self.ways.randrange(WAYS)
        for kind in self.ways.choices(kinds, k=READS_A_ROUND):
            acknowledged = [self.board.acknowledged(kind, writer) for writer in writers]
            newest = [self.board.newest(kind, writer) for writer in writers]
            if self.near_s:
                acknowledged = newest = self._bounded(kind, acknowledged)
            try:
                found = getattr(self.reads, kind)()
            except Error:
                self.board.count(self.process, "unread")
                connection.close()
                time.sleep(0.01)
                continue
            self.board.count(self.process, "asked")
            for writer, version in found:
                self._compare(kind, writer, version, acknowledged[writer], newest[writer])

    def _bounded(self, kind, acknowledged):
        """What was acknowledged so long ago that the memory of a process may not be older."""
        now, before = time.monotonic(), self.before[kind]
        before.append((now, acknowledged))
        while len(before) > 1 and before[1][0] <= now - self.near_s:
            before.popleft()
        at, known = before[0]
        return known if at <= now - self.near_s else [0] * len(acknowledged)

    def _compare(self, kind, writer, version, acknowledged, newest):
        self.board.count(self.process, "compared")
        wrong = None
        if version < acknowledged:
            wrong = "stale"
        elif version < newest:
            wrong = "back"
        elif version > self.board.attempted(kind, writer):
            wrong = "unwritten"
        else:
            self.board.see(kind, writer, self.number, version)
        if wrong is None:
            return
        self.board.count(self.process, wrong)
        if self.examples < MOST_EXAMPLES:
            self.examples += 1
            told = (time.time(), wrong, kind, writer, version, acknowledged, newest)
            with (self.found / f"wrong-{self.number}").open("a") as file:
                file.write(f"{told}\n")


def count_statements(board, process):
    from django.db import connection

    def note(execute, *arguments):
        board.count(process, "sent")
        return execute(*arguments)

    connection.execute_wrappers.append(note)


def wait_for_the_one_before(role, number):
    """A process that was killed leaves a session behind, which may still be writing."""
    from django.db import Error, connection

    while True:
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE application_name = %s AND pid <> pg_backend_pid()",
                    [f"{role}-{number}"],
                )
                if cursor.fetchone()[0] == 0:
                    return
        except Error:  # the database is being restarted, too
            connection.close()
        time.sleep(0.01)


def main(folder, role, number):
    plan = json.loads((folder / "plan.json").read_text())
    configure(plan, role, number)
    m = import_module(f"{plan['apps'][-1]}.models")
    if plan["broken"]:
        import_module("tests.integration.cache.sabotage").sabotage(plan["broken"])
    board = Board(folder / "board", plan["writers"], plan["readers"])
    wait_for_the_one_before(role, number)
    process = number if role == "writer" else plan["writers"] + number
    count_statements(board, process)
    worker = (
        Writer(m, board, number) if role == "writer" else Reader(m, board, number, plan, folder)
    )
    (folder / f"ready-{role}-{number}").touch()
    while not (folder / "go").exists():
        time.sleep(0.005)  # the barrier: all begin when the last is ready
    parent = os.getppid()
    while not (folder / "stop").exists() and os.getppid() == parent:
        worker.work()
    (folder / f"done-{role}-{number}").touch()


def serve(folder):
    import signal

    for name in ("django", "django.contrib.contenttypes", "django.db.backends.postgresql.base",
                 "django.test", "praxis.cache.install", "praxis.cache.hooks.queries",
                 "praxis.cache", "psycopg"):  # fmt: skip
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        role, number = line.split()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                main(folder, role, int(number))
                status = 0
            except BaseException:  # noqa: BLE001 - told to the one who waits
                (folder / f"failed-{role}-{number}").write_text(traceback.format_exc())
            finally:
                os._exit(status)
        print(pid, flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
