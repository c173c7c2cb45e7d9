"""``python -m benchmarks [SUBJECT …]``: measure; with no subject, every one in turn."""

import argparse
import importlib
import sys

#: Subject to what it measures; each is a package with a function ``main(arguments)``.
SUBJECTS = {
    "audit": "praxis check against the linters that know Django",
    "bulk": "loading very many rows: praxis.databases.bulk against bulk_create and its peers",
    "cache": "cached queries: praxis.cache against cachalot, cacheops and no cache",
    "exports": "a table as CSV: praxis.exports against the usual ways and packages",
    "fixes": "what praxis fix is worth: tests and queries of real projects before and after",
    "locks": "what a lock costs and how it is handed on: praxis.locks and its peers",
    "outages": "what users meet while Redis is down, hangs or fails over, and what is lost",
    "rankings": "what ranks, rows around a member and writes cost: praxis.rankings and its peer",
    "ratelimit": "what a decision costs and how exact it is: praxis.ratelimit and its peers",
    "realtime": "clients, fan-out and losses: praxis.realtime, django-eventstream, channels",
    "recall": "how many real N+1 queries are found that were fixed in releases of real projects",
    "redis_link": "what a call of a script costs through praxis.redis, redis-py and django-redis",
    "routing": "what is read from replicas, and how often it is wrong: praxis.databases and others",
    "sessions": "what a session costs, and what is lost: praxis.sessions and Django's engines",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("subject", nargs="?", choices=[*SUBJECTS, "all"], default="all")
    typed, rest = parser.parse_known_args()
    for subject in SUBJECTS if typed.subject == "all" else (typed.subject,):
        importlib.import_module(f"benchmarks.{subject}").main(rest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
