"""What a board asks of Redis: the scripts, their keys and words, and what answers mean. No I/O."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final, Literal

from praxis.errors import RankingError
from praxis.rankings.asking import Ask
from praxis.rankings.scores import (
    MAX_MEMBERS,
    Member,
    demand_score,
    read_member,
    read_score,
    write_member,
    write_members,
)
from praxis.rankings.standings import Entry, Standing
from praxis.redis import Script

#: How the scores that are written meet those that are there.
Does = Literal["set", "best", "add"]


def _script(*names: str) -> Script:
    folder = files(__package__)
    return Script("".join(folder.joinpath(f"{name}.lua").read_text("utf-8") for name in names))


WRITE = _script("rows", "changing", "write")
REMOVE = _script("rows", "changing", "remove")
STANDING, PAGE, AMONG = (
    _script("rows", "standing"),
    _script("rows", "page"),
    _script("rows", "among"),
)
REBUILD = _script("rows", "changing", "rebuild")
FOLLOW = _script("rows", "changing", "follow")
TICKET = _script("ticket")
SIZE = Script("return redis.call('ZCARD', KEYS[1])")
CLEAR = Script("return redis.call('DEL', unpack(KEYS))")
#: Of a board whose ties are told by time names begin with so many bytes.
_PREFIX = 7
#: Of so many rows that were written last it is known how new they were.
_TICKETS = 10_000
#: A key that nobody writes: there is nothing to be told of while a board is being built.
_NOWHERE = b":-"


class Rules:
    """
    What is the same for all boards of one definition.

    Args:
        more_is_better: Whether the largest score is the first.
        ties: The first letter of how ties are told.
        half_life_us: Microseconds after which a score counts half; 0 for never.
        keep: How many members are kept; 0 for all.
    """

    __slots__ = ("half", "keep", "kind", "sign", "ties")

    def __init__(self, *, more_is_better: bool, ties: str, half_life_us: int, keep: int) -> None:
        self.sign: Final = -1.0 if more_is_better else 1.0
        self.ties: Final = ties
        self.half: Final = half_life_us
        self.keep: Final = keep
        #: A board of another definition has other keys: what is kept there would mean nothing.
        self.kind: Final = (
            ("d" if more_is_better else "a") + ties + (f"{self.half:x}" if half_life_us else "")
        )


class Board:
    """
    The calls of one board.

    Args:
        rules: Of its definition.
        tag: Its name: boards of one name are on one node of a cluster.
        label: Its period; empty for all time.
        ends_ms: The millisecond since 1970 after which it is forgotten; 0 for never.
    """

    __slots__ = ("_ends_ms", "_new", "_reading", "_rules", "_writing", "key")

    def __init__(self, rules: Rules, tag: str, label: str, ends_ms: int) -> None:
        self.key: Final = f"praxis:ranking:{{{tag}}}:{rules.kind}:{label}".encode()
        self._rules, self._ends_ms = rules, ends_ms
        self._writing = self._keys(self.key, self.key + b":m")
        self._reading = [self._writing[at] for at in (0, 2) if at < len(self._writing)]
        self._new = self._keys(self.key + b":n", self.key + _NOWHERE)

    def _keys(self, board: bytes, mark: bytes) -> list[bytes]:
        """What scripts that write are given: see ``write.lua``."""
        if self._rules.half:
            other = self.key if board != self.key else self.key + b":n"
            return [board, mark, self.key + b":l", other]
        if self._rules.ties == "c":
            return [board, mark]
        return [board, mark, board + b":x", board + b":y"]

    def write(self, does: Does, member: object, score: object) -> Ask[Standing | None]:
        """Write the score of one member; it stands there afterwards."""
        written = write_member(member)
        args = self._words(does, [(written, demand_score(score))])
        shown = read_member(written)
        sign = self._rules.sign

        def read(answer: list[Any]) -> Standing | None:
            if len(answer) == 6:
                _, found, ahead, rank, size, weight = answer
                score = read_score(found, sign * float(weight))
                return Standing(shown, rank, score, ahead, size)
            self._demand_exact(answer, [shown])
            return None

        return Ask((WRITE, self._writing, args), read, None, 1, _retry(does))

    def write_many(self, does: Does, scores: Mapping[Any, object]) -> list[Ask[int]]:
        """Write the scores of many members, in several calls if need be; how many changed."""
        pairs = [(write_member(member), demand_score(score)) for member, score in scores.items()]
        return [
            self._write_part(does, pairs[at : at + MAX_MEMBERS])
            for at in range(0, len(pairs), MAX_MEMBERS)
        ]

    def _write_part(self, does: Does, pairs: Sequence[tuple[bytes, float]]) -> Ask[int]:
        args = self._words(does, pairs)

        def read(answer: list[Any]) -> int:
            self._demand_exact(answer, [read_member(member) for member, _ in pairs])
            return int(answer[0])

        return Ask((WRITE, self._writing, args), read, 0, len(pairs), _retry(does))

    def _words(
        self, does: Does, pairs: Sequence[tuple[bytes, float]], *, building: int = 0
    ) -> list[Any]:
        rules = self._rules
        ends = 0 if building else self._ends_ms
        words: list[Any] = [does, rules.ties, ends, rules.half, rules.keep, building]
        for member, score in pairs:
            words += (member, repr(score * rules.sign + 0.0))  # never -0.0, which is another text
        return words

    def _demand_exact(self, answer: list[Any], members: Sequence[Member]) -> None:
        if answer[0] == -1:
            member = members[answer[1] if len(answer) > 1 else 0]
            raise RankingError(
                f"The score of {member!r} would reach 2**53, below which "
                "scores are exact. Nothing of the call was written."
            )

    def remove(self, members: Sequence[object]) -> Ask[int]:
        """Take members off; how many were there."""
        written = write_members(members)
        call = (REMOVE, self._writing, [self._rules.ties, *written])
        return Ask(call, int, 0, len(written))

    def clear(self) -> Ask[None]:
        """Forget the board and what stands beside it."""
        keys = {*self._writing, *self._new, *(self.key + end for end in (b":m", b":t", b":f"))}
        return Ask((CLEAR, sorted(keys), ()), lambda _: None, None, 1, may_drop=False)

    def size(self) -> Ask[int]:
        return Ask((SIZE, [self.key], ()), int, 0)

    def standings(self, members: Sequence[object]) -> Ask[list[Standing | None]]:
        """Where members stand, in the order in which they were asked for."""
        written = write_members(members)
        shown = [read_member(member) for member in written]
        sign = self._rules.sign

        def read(answer: list[Any]) -> list[Standing | None]:
            size, divisor = answer[0], sign * float(answer[1])
            found: list[Standing | None] = []
            at = 2
            for member in shown:
                score = answer[at]
                if score is None:
                    found.append(None)
                else:
                    found.append(
                        Standing(
                            member,
                            answer[at + 2],
                            read_score(score, divisor),
                            answer[at + 1],
                            size,
                        )
                    )
                at += 3
            return found

        return Ask(self._reads(STANDING, *written), read, [None] * len(written))

    def page(self, first: int, count: int) -> Ask[list[Entry]]:
        """So many entries from a place on, counted from 0."""
        return Ask(self._reads(PAGE, b"", first, count), self._entries, [])

    def around(self, member: object, count: int) -> Ask[list[Entry]]:
        """A member, and so many before and after it."""
        return Ask(self._reads(PAGE, write_member(member), count), self._entries, [])

    def _reads(self, script: Script, *words: Any) -> tuple[Script, list[bytes], tuple[Any, ...]]:
        return script, self._reading, (self._rules.ties, self._rules.half, *words)

    def _entries(self, answer: list[Any] | None) -> list[Entry]:
        if not answer:
            return []
        place, rank, weight, rows = answer
        divisor, ties = self._rules.sign * float(weight), self._rules.ties
        prefix = _PREFIX if ties == "f" else 0
        entries: list[Entry] = []
        names, scores = rows[::2], rows[1::2]
        before, shown, next_place = None, 0.0, place
        for name, score in zip(names, scores, strict=True):
            next_place += 1
            if score != before:
                if ties == "c" and entries:
                    rank = next_place
                elif ties == "d" and entries:
                    rank += 1
                before, shown = score, read_score(score, divisor)
            if prefix:
                entries.append(Entry(read_member(name[prefix:]), next_place, shown))
            else:
                entries.append(Entry(read_member(name), rank, shown))
        return entries

    def among(self, members: Sequence[object]) -> Ask[list[Entry]]:
        """Members ranked among themselves; those that are not on the board are left out."""
        written = write_members(members)

        def read(answer: list[Any]) -> list[Entry]:
            rows = [
                (float(answer[at]), answer[at + 1] + member, answer[at])
                for at, member in zip(range(1, len(answer), 2), written, strict=True)
                if answer[at] is not None
            ]
            flat = [part for _, name, score in sorted(set(rows)) for part in (name, score)]
            return self._entries([0, 1, answer[0], flat])

        return Ask(self._reads(AMONG, *written), read, [])

    # How it follows a model; see `following`.

    def ticket(self) -> Ask[bytes]:
        """A number that says how new is what is read from now on; see ``follow.lua``."""
        return Ask((TICKET, [self.key + b":s"], ()), bytes, b"", 1, may_drop=False)

    def follow(self, ticket: bytes, rows: Sequence[tuple[bytes, float | None]]) -> Ask[list[int]]:
        """Write what was read after a ticket; answers which of it have to be read again."""
        rules = self._rules
        keys = [self.key, self.key + b":m", *self._beside(self.key)]
        words: list[Any] = [rules.ties, ticket, rules.keep, _TICKETS]
        for member, score in rows:
            words += (member, b"" if score is None else repr(score * rules.sign + 0.0))
        keys += [self.key + b":t", self.key + b":f"]
        return Ask((FOLLOW, keys, words), list, [], len(rows), may_drop=False)

    # How it is built anew; see `rebuilding`.

    def building(self, pairs: Sequence[tuple[bytes, float]]) -> Ask[int]:
        """Put scores onto the board that is being built."""
        args = self._words("set", pairs, building=1)
        call = (WRITE, self._new, args)
        return Ask(call, lambda answer: int(answer[0]), 0, len(pairs), may_drop=False)

    def rebuild(
        self,
        does: Literal["begin", "hold", "swap", "quit"],
        token: bytes,
        *,
        lasts_ms: int,
        most: int,
    ) -> Ask[int]:
        """A step of a rebuilding; see ``rebuild.lua``."""
        rules = self._rules
        keys = [self.key, self.key + b":m", *self._beside(self.key)]
        keys += [self.key + b":n", *self._beside(self.key + b":n")]
        ties = "l" if rules.half else rules.ties
        words = (does, token, lasts_ms, ties, most, rules.keep, self._ends_ms)
        return Ask((REBUILD, keys, words), int, 0, 1, may_drop=False)

    def _beside(self, board: bytes) -> list[bytes]:
        return [board + b":l" if self._rules.half else board + b":x", board + b":y"]


def _retry(does: Does) -> Literal["idempotent"] | None:
    """A sum that may have been written is not written again: twice is not as good as once."""
    return None if does == "add" else "idempotent"


__all__ = ["Board", "Does", "Rules"]
