"""The labelled set is well formed: the measurement would pass over a slip silently."""

from collections import Counter

from benchmarks.recall.cases import load


def test_every_case_has_its_own_name():
    assert [name for name, times in Counter(case.id for case in load()).items() if times > 1] == []


def test_every_case_names_relations_places_and_two_releases():
    for case in load():
        assert case.lookups, case.id
        assert case.reads, case.id
        assert case.before != case.after, case.id
        assert all(read.line > 0 for read in case.reads), case.id


def test_across_says_whether_a_read_is_in_another_file_than_the_query():
    for case in load():
        assert case.across == any(read.file != case.query.file for read in case.reads), case.id


def test_most_cases_reach_across_files():
    cases = load()

    assert sum(case.across for case in cases) / len(cases) > 0.6
