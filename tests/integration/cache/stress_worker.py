"""
One process of the stress test: it writes versions, or reads them and looks whether any is old.

    python stress_worker.py FOLDER ROLE NUMBER

FOLDER holds ``plan.json``, the shared board and the answers. A version that a writer has put on
the board was acknowledged; one that a reader has put there was seen. Whoever begins to read after
that must not get an older one.
"""

import json
import mmap
import random
import struct
import sys
import time
from pathlib import Path

KINDS = ("save", "atomic", "update", "move", "list", "join", "kept", "count")
_BYTES = 8
#: Of a reader: more than a writer writes, so that answers come from the cache, too.
READS_A_ROUND = 8 * len(KINDS)


class Board:
    """Numbers that all processes see: for each kind and writer, one slot for each who puts it."""

    def __init__(self, folder, plan):
        self.plan = plan
        self.putters = plan["writers"] + plan["readers"]
        size = len(KINDS) * plan["writers"] * self.putters * _BYTES
        path = folder / "board"
        if not path.exists():
            path.write_bytes(bytes(size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), size)

    def _at(self, kind, writer, putter):
        place = KINDS.index(kind) * self.plan["writers"] + writer
        return (place * self.putters + putter) * _BYTES

    def put(self, kind, writer, putter, version):
        """Say that *version* is there; it never goes back."""
        at = self._at(kind, writer, putter)
        if version > struct.unpack_from("q", self._memory, at)[0]:
            struct.pack_into("q", self._memory, at, version)

    def acknowledged(self, kind, writer):
        return struct.unpack_from("q", self._memory, self._at(kind, writer, writer))[0]

    def newest(self, kind, writer):
        """What was acknowledged, or seen by anybody."""
        at = self._at(kind, writer, 0)
        return max(struct.unpack_from(f"{self.putters}q", self._memory, at))


def configure(plan):
    import django
    from django.conf import settings  # noqa: TID251 - other ones are made of them

    settings.configure(
        INSTALLED_APPS=plan["apps"],
        DATABASES={"default": plan["database"]},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        PRAXIS={"cache": {"models": {"library.*": {}}}, "redis": plan["redis"]},
    )
    django.setup()


class Writer:
    """Writes versions of rows of its own, each kind in its way; titles name the rows."""

    def __init__(self, m, board, number):
        self.m, self.board, self.number = m, board, number
        self.versions = dict.fromkeys(KINDS, 0)

    def write(self):
        from django.db import DatabaseError, connection

        done = 0
        for kind in KINDS:
            version = self.versions[kind] = self.versions[kind] + 1
            try:
                getattr(self, f"_{kind}")(version)
            except DatabaseError:  # the cache's refusal, too: not acknowledged
                connection.close()
                continue
            self.board.put(kind, self.number, self.number, version)
            done += 1
        return done

    def _mine(self, kind):
        return self.m.Book.objects.filter(title=f"{kind}-{self.number}")

    def _save(self, version):
        book = self._mine("save").get()
        book.pages = version
        book.save()

    def _atomic(self, version):
        from django.db import transaction

        with transaction.atomic():
            self._mine("atomic").update(pages=version)
            self.m.Author.objects.filter(name=f"atomic-{self.number}").get()
            self._mine("atomic").get()

    def _update(self, version):
        self._mine("update").update(pages=version)

    def _move(self, version):
        author = self.m.Author.objects.get(name=f"move-{version % 2}")
        self._mine("move").update(pages=version, author=author)

    def _list(self, version):
        self._mine("list").update(pages=version)

    def _kept(self, version):
        self._mine("kept").update(pages=version)

    def _join(self, version):
        self.m.Country.objects.filter(pk=self.number + 1).update(name=str(version))

    def _count(self, version):
        # what was not acknowledged may have been written all the same
        missing = version - self.m.Tag.objects.filter(name=f"count-{self.number}").count()
        for _ in range(missing):
            self.m.Tag.objects.create(name=f"count-{self.number}")


class Reader:
    """Reads all that writers write, and counts what is older than it may be."""

    def __init__(self, m, board, number):
        self.m, self.board = m, board
        self.putter = board.plan["writers"] + number
        self.stale, self.back, self.reads, self.examples = 0, 0, 0, []
        self.ways = random.Random(number)

    def read(self):
        from django.db import DatabaseError, connection

        for kind in self.ways.choices(KINDS, k=READS_A_ROUND):
            writers = range(self.board.plan["writers"])
            acknowledged = [self.board.acknowledged(kind, writer) for writer in writers]
            newest = [self.board.newest(kind, writer) for writer in writers]
            try:
                found = getattr(self, f"_{kind}")()
            except DatabaseError:
                connection.close()
                continue
            for writer, version in found:
                self.reads += 1
                if version < acknowledged[writer]:
                    self.stale += 1
                    self.examples.append((kind, version, acknowledged[writer]))
                elif version < newest[writer]:
                    self.back += 1
                    self.examples.append((f"{kind}, back", version, newest[writer]))
                self.board.put(kind, writer, self.putter, version)

    def _save(self):
        return [self._asked_in_one_of_many_ways("save")]

    def _atomic(self):
        return [self._asked_in_one_of_many_ways("atomic")]

    def _update(self):
        return [self._asked_in_one_of_many_ways("update")]

    def _asked_in_one_of_many_ways(self, kind):
        """What one query has told, another one may not take back."""
        writer = self.reads % self.board.plan["writers"]
        pk, way = self.board.plan["keys"][f"{kind}-{writer}"], self.ways.randrange(4)
        if way == 0:
            return writer, self.m.Book.objects.get(pk=pk).pages
        if way == 1:
            return writer, self.m.Book.objects.get(title=f"{kind}-{writer}").pages
        if way == 2:
            return writer, self.m.Book.objects.filter(pk=pk).values_list("pages", flat=True)[0]
        pages = self.m.Book.objects.filter(title__startswith=kind).values_list("title", "pages")
        return writer, dict(pages)[f"{kind}-{writer}"]

    def _move(self):
        side = self.reads % 2
        books = self.m.Book.objects.filter(author=self.board.plan["sides"][side])
        return [(int(book.title.split("-")[1]), book.pages) for book in books]

    def _list(self):
        books = self.m.Book.objects.filter(author=self.board.plan["lists"])
        return [(int(book.title.split("-")[1]), book.pages) for book in books]

    def _join(self):
        books = self.m.Book.objects.filter(title__startswith="join-")
        books = books.select_related("author__country")
        return [(int(b.title.split("-")[1]), int(b.author.country.name)) for b in books]

    def _kept(self):
        from praxis.cache import remember

        def compute():
            writers = range(self.board.plan["writers"])
            return [(w, self.m.Book.objects.get(title=f"kept-{w}").pages) for w in writers]

        return remember("kept", compute, ttl_s=60)

    def _count(self):
        writer = self.reads % self.board.plan["writers"]
        return [(writer, self.m.Tag.objects.filter(name=f"count-{writer}").count())]


def count_statements():
    from django.db import connection

    sent = [0]

    def note(execute, *arguments):
        sent[0] += 1
        return execute(*arguments)

    connection.execute_wrappers.append(note)
    return sent


def main():
    folder, role, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    plan = json.loads((folder / "plan.json").read_text())
    configure(plan)
    from importlib import import_module

    from django.db import connection

    m = import_module(f"{plan['apps'][-1]}.models")
    if plan["broken"]:
        import_module("tests.integration.cache.sabotage").sabotage(plan["broken"])
    board = Board(folder, plan)
    worker = (Writer if role == "writer" else Reader)(m, board, number)
    if role == "writer":
        for kind in KINDS:
            worker.versions[kind] = board.newest(kind, number)
    connection.ensure_connection()
    sent = count_statements()
    (folder / f"ready-{role}-{number}").touch()
    while not (folder / "go").exists():
        time.sleep(0.005)  # the barrier: all begin when the last is ready
    answer = folder / f"answer-{role}-{number}"
    rounds = writes = 0
    while not (folder / "stop").exists():
        rounds += 1
        if role == "writer":
            writes += worker.write()
        else:
            worker.read()
    told = {"rounds": rounds, "writes": writes, "sent": sent[0]}
    if role == "reader":
        told |= {
            "asked": rounds * READS_A_ROUND,
            "reads": worker.reads,
            "stale": worker.stale,
            "back": worker.back,
        }
        told["examples"] = worker.examples[:5]
    answer.write_text(json.dumps(told))


if __name__ == "__main__":
    main()
