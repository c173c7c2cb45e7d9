"""Whether the cheaper statement is tried first."""

from praxis.cache.hooks.unchanged_rows import Luck


def test_it_is_tried_where_two_of_three_stay():
    luck = Luck()
    assert luck.is_worth_it()
    for same in [True, True, False] * 10:
        assert luck.is_worth_it()
        luck.note(same=same)
    for _ in range(5):
        luck.note(same=False)
    assert not luck.is_worth_it()
