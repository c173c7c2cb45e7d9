"""
Whether a statement may have written, told from its text alone; where in doubt it may.

Only what is sent to a primary is looked at: what a replica answers has written nothing.
"""

import re
from functools import lru_cache

#: Comments and what is quoted; what stands in them is no SQL.
_NOISE = re.compile(
    r"--[^\n]*|/\*.*?\*/|[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
    r"|\$(\w*)\$.*?\$\1\$",
    re.DOTALL,
)
_FIRST = re.compile(r"[\s(]*(\w+)")
_CALLED = re.compile(r"(\w+)\s*\(")
_WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|INTO|TRUNCATE)\b", re.IGNORECASE)
_FOR_UPDATE = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+UPDATE|UPDATE|SHARE|KEY\s+SHARE)\b", re.IGNORECASE)
_READERS = {"SELECT", "WITH", "VALUES", "TABLE"}
#: Change nothing that others see.
_HARMLESS = {
    "BEGIN", "CLOSE", "COMMIT", "DEALLOCATE", "DISCARD", "FETCH", "LISTEN", "MOVE", "RELEASE",
    "RESET", "ROLLBACK", "SAVEPOINT", "SET", "SHOW", "START", "UNLISTEN",
}  # fmt: skip
#: What stands before a bracket and writes nothing: words of SQL, and functions that only compute.
_WORDS = """
abs age all and any array array_agg as at avg bit_and bit_length bit_or bool_and bool_or btrim
by cardinality case cast ceil ceiling char_length coalesce concat concat_ws cosh corr count
covar_pop covar_samp cume_dist current_setting date date_part date_trunc decimal degrees
dense_rank distinct div else encode every except exists exp extract filter first_value floor
format from generate_series greatest group grouping having in initcap intersect interval is
isfinite join json_agg json_build_object jsonb_agg jsonb_build_object jsonb_extract_path
jsonb_extract_path_text lag last_value lateral lead least left length like ln log lower lpad
ltrim make_date make_interval materialized max md5 min mod not now nth_value ntile nullif
numeric on or over overlay partition percent_rank percentile_cont percentile_disc pg_backend_pid
pg_current_wal_insert_lsn pg_is_in_recovery plainto_tsquery position power radians random rank
regexp_match regexp_replace repeat replace reverse right round row row_number row_to_json rpad
rtrim select sign similarity split_part sqrt starts_with stddev_pop stddev_samp string_agg
strpos substr substring sum then timestamp timezone to_char to_date to_json to_jsonb to_number
to_timestamp to_tsquery to_tsvector translate trim trunc ts_rank ts_rank_cd unaccent union
unnest upper using values var_pop var_samp varchar version websearch_to_tsquery when where
width_bucket with within word_similarity
"""
_PURE = frozenset(_WORDS.split())


@lru_cache(maxsize=2048)
def may_write(sql: str) -> bool:
    """Whether it may write: a function that is not known may do anything."""
    bare = _NOISE.sub(lambda noise: " " if noise[0][0] in "-/" else " '' ", sql)
    if ";" in bare.rstrip().rstrip(";"):
        return True
    first = _FIRST.match(bare)
    word = first[1].upper() if first else ""
    if word in _HARMLESS:
        return False
    if word == "EXPLAIN":
        return "ANALYZE" in bare.upper()
    if word == "DECLARE":  # a server-side cursor
        _, _, bare = bare.partition(" FOR ")
        return not bare or may_write(bare)
    if word not in _READERS or _WRITES.search(_FOR_UPDATE.sub(" ", bare)):
        return True
    return any(name.lower() not in _PURE for name in _CALLED.findall(bare))
