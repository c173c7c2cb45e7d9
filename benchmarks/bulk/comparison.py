"""The server, the turns and the tables."""

import argparse
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.bulk.ways import BASE, BASE_OF_UPSERTS, UPSERTS, WAYS
from benchmarks.machine import describe, save
from benchmarks.orders.measuring import PEERS, in_turns
from benchmarks.orders.tables import CREATE, FIELDS, FILL, rows, table
from benchmarks.turns import heading
from praxis import embedded


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks bulk")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3, help="loads by each way, in turns")
    typed = parser.parse_args(arguments)
    with embedded.postgres() as server, tempfile.TemporaryDirectory() as folder:
        database = server.database("orders")
        path = _csv(Path(folder, "orders.csv"), typed.rows)

        def filled() -> None:
            database.sql(CREATE)
            database.sql(FILL.replace("{count}", str(typed.rows)))

        where = (database.url, typed.rows, path)
        module = "benchmarks.bulk.ways"
        loads = in_turns(
            module, list(WAYS), typed.rounds, *where, before=lambda: database.sql(CREATE)
        )
        upserts = in_turns(module, list(UPSERTS), typed.rounds, *where, before=filled)
        major = server.sql("SHOW server_version")
    result = {
        "machine": describe(),
        "versions": {"PostgreSQL": major}
        | {name: version(name) for name in ("Django", "psycopg")}
        | {name: number for name, _, number in (peer.partition("==") for peer in PEERS)},
        "rows": typed.rows,
        "rounds": typed.rounds,
        "loads": loads,
        "upserts": upserts,
    }
    lines = [
        *heading("Bulk loads", result),
        (
            f"{typed.rows:,} orders of 11 columns into a table with three indexes. Each way in a "
            f"process of its own; the median of {typed.rounds} rounds in turns. To make the rows "
            "is in it. Memory is what the process needed more than before. Ratios are to "
            f"{BASE}."
        ),
        "",
        *table(loads, typed.rows, base=BASE, exports=False),
        "",
        f"All rows are there, and three columns are written. Ratios are to {BASE_OF_UPSERTS}.",
        "",
        *table(upserts, typed.rows, base=BASE_OF_UPSERTS, exports=False),
        "",
    ]
    text = "\n".join(lines)
    print(text)
    print(f"written to {save('bulk', result, text)}")


def _csv(path: Path, count: int) -> Path:
    """The rows as PostgreSQL writes them: an empty text has quotes, and NULL has none."""
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(",".join(FIELDS) + "\n")
        for *cells, note in rows(count):
            shown = ["" if cell is None else str(cell) for cell in cells]
            quoted = note.replace('"', '""')
            file.write(f'{",".join(shown)},"{quoted}"\n')
    return path
