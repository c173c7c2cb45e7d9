"""The server, the turns and the table."""

import argparse
from collections.abc import Sequence
from importlib.metadata import version

from benchmarks.exports.ways import BASE, WAYS
from benchmarks.machine import describe, save
from benchmarks.orders.measuring import PEERS, in_turns
from benchmarks.orders.tables import CREATE, FILL, table
from benchmarks.turns import heading
from praxis import embedded


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks exports")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3, help="exports by each way, in turns")
    typed = parser.parse_args(arguments)
    with embedded.postgres() as server:
        database = server.database("orders")
        database.sql(CREATE)
        database.sql(FILL.replace("{count}", str(typed.rows)))
        figures = in_turns(
            "benchmarks.exports.ways",
            list(WAYS),
            typed.rounds,
            database.url,
            before=lambda: None,
        )
        major = server.sql("SHOW server_version")
    result = {
        "machine": describe(),
        "versions": {"PostgreSQL": major}
        | {name: version(name) for name in ("Django", "psycopg")}
        | {name: number for name, _, number in (peer.partition("==") for peer in PEERS)},
        "rows": typed.rows,
        "rounds": typed.rounds,
        "ways": figures,
    }
    size = next((each["size_mb"] for each in figures.values() if "size_mb" in each), 0)
    lines = [
        *heading("Exports", result),
        (
            f"{typed.rows:,} orders of 12 columns, {size:.0f} MB of CSV. Each way in a process of "
            f"its own; the median of {typed.rounds} rounds in turns. What is streamed goes to "
            "another process over a socket, each part as a chunk of HTTP. Memory is what the "
            f"process needed more than before. Ratios are to {BASE}."
        ),
        "",
        *table(figures, typed.rows, base=BASE, exports=True),
        "",
    ]
    text = "\n".join(lines)
    print(text)
    print(f"written to {save('exports', result, text)}")
