"""
What a kept page costs: praxis.cache against Django's ``cache_page`` and no cache.

    python -m benchmarks.cache.views [--rounds N] [--calls N]
"""

import argparse
import sys
from typing import Any

from benchmarks.cache.comparison import Worker, in_turns
from benchmarks.machine import describe, save
from praxis import embedded

KINDS = ("none", "cache_page", "praxis")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cache.views")
    parser.add_argument("--rounds", type=int, default=15, help="of each figure, in turns")
    parser.add_argument("--calls", type=int, default=100, help="a round")
    typed = parser.parse_args(arguments)
    with embedded.postgres() as database, embedded.redis() as server:
        workers = {
            kind: Worker(
                kind,
                database.database(f"pages_{kind}").django_settings(),
                f"{server.url}/{place}",
                module="benchmarks.cache.views_worker",
            )
            for place, kind in enumerate(KINDS)
        }
        result = measured(workers, typed.rounds, typed.calls)
        for worker in workers.values():
            worker.close()
    result |= {"machine": describe(), "rounds": typed.rounds}
    text = table(result)
    print(text)
    print(f"written to {save('cache_views', result, text)}")


def measured(workers: dict[str, Worker], rounds: int, calls: int) -> dict[str, Any]:
    for worker in workers.values():
        worker("make")
    queries = workers["none"]("queries")
    pages = in_turns(workers, rounds, "ask", calls)
    again = in_turns({"praxis": workers["praxis"]}, rounds, "ask_again", calls)
    old = {kind: worker("is_old_after_a_save") for kind, worker in workers.items()}
    return {"queries": queries, "page_us": pages, "unchanged_us": again, "is_old": old}


def table(result: dict[str, Any]) -> str:
    machine, page = result["machine"], result["page_us"]
    cells = [f"{page[kind]:.0f} ({page[kind] / page['none']:.2f})" for kind in KINDS]
    unchanged = result["unchanged_us"]["praxis"]
    old = ["old" if result["is_old"][kind] else "new" for kind in KINDS]
    return "\n".join([
        "# Kept pages",
        "",
        (
            f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}, "
            f"{machine['date']}, load {machine['load_1_min']}; medians of {result['rounds']} "
            f"rounds in turns. A page of {result['queries']} queries, through WSGI. "
            "Microseconds; in brackets the times of no cache."
        ),
        "",
        "| | none | cache_page | praxis |",
        "| --- | ---: | ---: | ---: |",
        f"| the page | {' | '.join(cells)} |",
        f"| 304, as the browser has it | | | {unchanged:.0f} ({unchanged / page['none']:.2f}) |",
        f"| what is shown after a save() | {' | '.join(old)} |",
        "",
    ])  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
