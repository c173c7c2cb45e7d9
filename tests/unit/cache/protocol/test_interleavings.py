"""The promise, held against every interleaving; and mistakes that it must not survive."""

import pytest

from praxis.cache.protocol.calls import VOID, Written
from praxis.cache.protocol.dependencies import Joined, Matching, Whole
from tests.unit.cache.protocol.computing import Computer
from tests.unit.cache.protocol.interleavings import (
    AUTOCOMMIT,
    TRANSACTION,
    Broken,
    Change,
    Clearer,
    Explorer,
    Query,
    Reader,
    Resolver,
    Trouble,
    World,
    Writer,
)

# A row is (what it says, its author).
BY_KEY = Query(b"key", (Matching("book", ("id",), ((1,),)),), lambda row: b"%d" % row[0])
ALL_ROWS = Query(b"all", (Whole("book"),), lambda row: b"%d" % row[0])
BY_AUTHOR = Query(
    b"author",
    (Matching("book", ("author",), ((1,),)),),
    lambda row: b"%d" % row[0] if row[1] == 1 else b"none",
)
#: The book with the name of its author: what a row says is that name here.
WITH_AUTHOR = Query(
    b"joined",
    (Matching("book", ("id",), ((1,),)), Joined("author", "id")),
    lambda row: b"%d" % row[0],
    lambda row: {"author": [row[1]]},
)


def told(old, new):
    """What a careful writer tells: the key, and the old and the new author."""
    return {"book": Written({("id",): {(1,)}, ("author",): {(old[1],), (new[1],)}})}


SAVE = Change(lambda row: (row[0] + 1, row[1]), told)
MOVE = Change(lambda row: (row[0] + 1, 3 - row[1]), told)
SAVE_AUTHOR = Change(
    lambda row: (row[0] + 1, row[1]), lambda old, _: {"author": Written({("id",): {(old[1],)}})}
)
#: One that knows no more than the table.
RAW = Change(lambda row: (row[0] + 1, 3 - row[1]), lambda *_: {"book": Written(None)})


def explore(actors, *, strict=True, linearizable=None, faults=0, prefixed=True):
    linearizable = strict if linearizable is None else linearizable
    explorer = Explorer(strict=strict, linearizable=linearizable, prefixed=prefixed)
    explorer.explore(World({}, ((0, 1),), faults=faults, actors=actors))
    return explorer.states


def readers(*queries, times=2, late=False):
    return [Reader(f"r{at}", query, times, late) for at, query in enumerate(queries)]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("steps", [TRANSACTION, AUTOCOMMIT])
@pytest.mark.parametrize(
    ("query", "change"),
    [
        (BY_KEY, SAVE), (ALL_ROWS, SAVE), (BY_AUTHOR, SAVE), (BY_AUTHOR, MOVE),
        (WITH_AUTHOR, SAVE_AUTHOR), (WITH_AUTHOR, MOVE), (BY_KEY, RAW), (BY_AUTHOR, RAW),
    ],
)  # fmt: skip
def test_no_read_is_older_than_what_was_acknowledged(query, change, steps, strict):
    writers = [Writer(f"w{at}", change, steps, fails=True) for at in range(2)]
    explore([*writers, *readers(query, query, times=1)], strict=strict)


@pytest.mark.parametrize("steps", [TRANSACTION, AUTOCOMMIT])
def test_two_readers_that_read_twice(steps):
    assert explore([Writer("w", SAVE, steps, fails=True), *readers(BY_KEY, ALL_ROWS)]) > 1000


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("query", [BY_KEY, ALL_ROWS, WITH_AUTHOR])
def test_a_writer_may_be_killed_at_any_step(query, strict):
    change = SAVE_AUTHOR if query is WITH_AUTHOR else SAVE
    table = "author" if query is WITH_AUTHOR else "book"
    writers = [Writer("w0", change, TRANSACTION, mortal=True), Writer("w1", change, TRANSACTION)]
    explore([*writers, *readers(query), Resolver("resolver", table)], strict=strict, faults=1)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("query", [BY_KEY, ALL_ROWS, BY_AUTHOR, WITH_AUTHOR])
@pytest.mark.parametrize(
    ("kinds", "faults"),
    [
        (("evict",), 1),
        (("evict all",), 1),
        (("restart",), 1),
        (("save", "restore"), 2),
        (("change over",), 2),
    ],
)
def test_keys_may_go_at_any_step(query, kinds, faults, strict):
    change = SAVE_AUTHOR if query is WITH_AUTHOR else MOVE if query is BY_AUTHOR else SAVE
    writers = [Writer("w0", change, TRANSACTION, fails=True)]
    trouble = Trouble("trouble", kinds)
    # a mark that goes costs the order among readers, never what was acknowledged
    linearizable = strict and kinds == ("evict",)
    # two faults make ten times as many states as one: then one reader has to do
    others = [Reader("r", query, 1)] if faults == 1 else []
    explore(
        [*writers, *readers(query), *others, trouble],
        strict=strict, linearizable=linearizable, faults=faults,
    )  # fmt: skip


def test_a_hasty_resolver_costs_the_order_among_readers_and_nothing_acknowledged():
    actors = [Writer("w", SAVE, AUTOCOMMIT), *readers(BY_KEY, BY_KEY)]
    resolver = Resolver("resolver", "book", hasty=True)
    explore([*actors, resolver], linearizable=False)
    with pytest.raises(Broken):
        explore([*actors, resolver])


@pytest.mark.parametrize(
    ("query", "change"), [(BY_KEY, SAVE), (BY_AUTHOR, MOVE), (WITH_AUTHOR, SAVE_AUTHOR)]
)
def test_the_cache_may_be_cleared_at_any_step(query, change):
    writer = Writer("w", change, TRANSACTION, fails=True)
    clearer = Clearer("c", ("author", "book"))
    explore([writer, *readers(query), Reader("r", query, 1), clearer])


# Results that are computed from several queries.

#: The parts, and a change that both are about.
COMPUTED = [
    ((BY_KEY, BY_AUTHOR), MOVE),
    ((WITH_AUTHOR, BY_KEY), SAVE_AUTHOR),
    ((WITH_AUTHOR, BY_AUTHOR), MOVE),
    ((ALL_ROWS, BY_KEY), RAW),
]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(("parts", "change"), COMPUTED)
def test_no_result_is_older_than_what_was_acknowledged(parts, change, strict):
    writer = Writer("w", change, TRANSACTION, fails=True)
    explore([writer, Computer("c", parts, 3)], strict=strict)


def test_two_that_compute_are_in_order_among_themselves():
    parts, change = COMPUTED[0]
    explore([Writer("w", change, AUTOCOMMIT), *(Computer(f"c{at}", parts, 1) for at in range(2))])


@pytest.mark.parametrize(("parts", "change"), COMPUTED[:3])
def test_a_part_may_have_been_kept_by_another(parts, change):
    actors = [Writer("w", change, AUTOCOMMIT), Reader("r", parts[0], 1), Computer("c", parts, 2)]
    explore(actors)


@pytest.mark.parametrize(
    ("kinds", "faults"), [(("evict",), 1), (("restart",), 1), (("change over",), 2)]
)
def test_keys_of_a_result_may_go_at_any_step(kinds, faults):
    # where two servers change places there are states enough with one part
    parts, change = ((BY_KEY,), SAVE) if kinds == ("change over",) else COMPUTED[2]
    writer = Writer("w", change, TRANSACTION)
    computer, linearizable = Computer("c", parts, 2), kinds == ("evict",)
    actors = [writer, computer, Trouble("trouble", kinds)]
    explore(actors, linearizable=linearizable, faults=faults)


def test_the_cache_may_be_cleared_while_a_result_is_computed():
    parts, change = COMPUTED[1]
    writer = Writer("w", change, TRANSACTION, fails=True)
    explore([writer, Computer("c", parts, 2), Clearer("c", ("author", "book"))])


def test_who_leads_may_take_any_time_and_who_waits_may_give_up():
    parts, change = COMPUTED[0]
    computers = [Computer(f"c{at}", parts, 1, leads=True) for at in range(2)]
    explore([Writer("w", change, AUTOCOMMIT), *computers])


# Mistakes, each of which the exploration must find.


@pytest.mark.parametrize("mistake", ["forgets", "newest"])
def test_finds_a_result_that_forgets_what_it_read_first(mistake):
    parts, change = (BY_KEY, ALL_ROWS), SAVE
    computers = [Computer(f"c{at}", parts, 2, **{mistake: True}) for at in range(2)]
    with pytest.raises(Broken, match="older"):
        explore([Writer("w", change, TRANSACTION), *computers])


def test_finds_an_entry_filled_with_stamps_read_after_the_statement():
    with pytest.raises(Broken, match="older"):
        explore([Writer("w", SAVE, TRANSACTION), *readers(BY_KEY, BY_KEY, late=True)])


@pytest.mark.parametrize("query", [BY_KEY, ALL_ROWS])
def test_finds_stamps_set_before_the_commit(query):
    steps = ("write", "mark", "settle", "commit", "acknowledge")
    with pytest.raises(Broken, match="older"):
        explore([Writer("w", SAVE, steps), *readers(query, query)])


def test_finds_an_acknowledgement_before_the_settlement():
    steps = ("write", "mark", "commit", "acknowledge", "settle")
    with pytest.raises(Broken, match="older"):
        explore([Writer("w", SAVE, steps), *readers(BY_KEY, BY_KEY)], strict=False)


def test_finds_a_write_without_a_mark():
    steps = ("write", "commit", "settle", "acknowledge")
    with pytest.raises(Broken, match="older"):
        explore([Writer("w", SAVE, steps), *readers(BY_KEY, BY_KEY)])
    with pytest.raises(Broken, match="for ever"):
        explore([Writer("w", SAVE, steps, mortal=True), *readers(BY_KEY)], faults=1)


def test_finds_a_mark_that_goes_while_its_writer_may_still_commit():
    actors = [Writer("w", SAVE, TRANSACTION, mortal=True), *readers(BY_KEY, BY_KEY)]
    with pytest.raises(Broken, match="for ever"):
        explore([*actors, Resolver("early", "book", hasty=True)], linearizable=False, faults=1)


def test_finds_a_snapshot_that_is_restored_under_the_same_names():
    actors = [Writer("w", SAVE, TRANSACTION), *readers(BY_KEY, BY_KEY)]
    with pytest.raises(Broken, match="older"):
        explore([*actors, Trouble("trouble", ("save", "restore"))], faults=2, prefixed=False)


def test_finds_a_writer_that_forgets_the_old_value():
    def forgetful(old, new):
        del old
        return {"book": Written({("id",): {(1,)}, ("author",): {(new[1],)}})}

    change = Change(MOVE.apply, forgetful)
    with pytest.raises(Broken, match="older"):
        explore([Writer("w", change, TRANSACTION), *readers(BY_AUTHOR, BY_AUTHOR)])


def test_finds_a_joined_row_that_is_not_told():
    blind = Query(WITH_AUTHOR.name, WITH_AUTHOR.depends[:1], WITH_AUTHOR.answer)
    with pytest.raises(Broken, match="older"):
        explore([Writer("w", SAVE_AUTHOR, TRANSACTION), *readers(blind, blind)])


def test_finds_a_clearing_that_forgets_shapes_and_leaves_what_hangs_on_them():
    script = VOID.replace("'b', fresh, ", "")
    assert script != VOID
    actors = [Writer("w", SAVE, TRANSACTION), *readers(BY_KEY, BY_KEY)]
    with pytest.raises(Broken, match="older"):
        explore([*actors, Clearer("c", ("book",), script)])
