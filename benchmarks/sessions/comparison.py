"""The server, the turns and the table."""

import argparse
import itertools
import sys
import threading
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

from benchmarks.machine import describe, save
from benchmarks.peers import beside, configure
from benchmarks.turns import heading, in_turns_us
from praxis import embedded

PEERS = ("django-redis==7.0.0",)
#: Name, engine, and the alias of its cache.
ENGINES = (
    ("praxis.sessions", "praxis.sessions", ""),
    ("cache, on django-redis", "django.contrib.sessions.backends.cache", "django_redis"),
    ("cache, on Django's RedisCache", "django.contrib.sessions.backends.cache", "default"),
)
SESSIONS = 200
WRITES = 300
#: A request thinks for so long between reading its session and writing it.
THINK_S = 0.002


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks sessions")
    parser.add_argument("--rounds", type=int, default=40, help="batches of each engine, in turns")
    parser.add_argument("--calls", type=int, default=300, help="calls a batch")
    typed = parser.parse_args(arguments)
    sys.path.append(str(beside("sessions", PEERS)))
    with embedded.redis() as server:
        configure(server.url)
        spent = {
            f"{what}, {size:,} bytes": _spent_us(of, size, typed)
            for size in (300, 8000)
            for what, of in (("read", _reading), ("read, change and save", _writing))
        }
        lost = {
            f"{writers} at once": {
                name: _lost(*_store(*where), writers) for name, *where in ENGINES
            }
            for writers in (2, 6)
        }
    result = {
        "machine": describe(),
        "versions": {name: version(name) for name in ("Django", "redis", "hiredis")}
        | {name: number for name, _, number in (peer.partition("==") for peer in PEERS)},
        "rounds": typed.rounds,
        "us": spent,
        "lost_percent": lost,
    }
    table = _table(result)
    print(table)
    print(f"written to {save('sessions', result, table)}")


def _store(engine: str, cache: str) -> tuple[Callable[..., Any], Callable[[], None]]:
    """The class of an engine, and what has to be said before it is used."""
    from django.conf import settings  # noqa: TID251 - Django's engines ask for their own

    def choose() -> None:
        settings.SESSION_CACHE_ALIAS = cache or "default"

    return import_module(engine).SessionStore, choose


def _made(store: Callable[..., Any], size: int) -> str:
    session = store()
    values = {"_auth_user_id": "5", "cart": [1, 2, 3], "seen": "2026-01-02T03:04:05"}
    session.update(values | {f"text{n}": "x" * ((size - 100) // 4) for n in range(4)})
    session.save()
    key: str = session.session_key
    return key


def _reading(store: Callable[..., Any], choose: Callable[[], None], size: int) -> Any:
    choose()
    keys = itertools.cycle([_made(store, size) for _ in range(SESSIONS)])
    return choose, lambda: store(next(keys)).get("_auth_user_id")


def _writing(store: Callable[..., Any], choose: Callable[[], None], size: int) -> Any:
    choose()
    keys, count = itertools.cycle([_made(store, size) for _ in range(SESSIONS)]), itertools.count()

    def write() -> None:
        session = store(next(keys))
        session["n"] = next(count)
        session.save()

    return choose, write


def _spent_us(of: Any, size: int, typed: argparse.Namespace) -> dict[str, list[float]]:
    pairs = {name: of(*_store(*where), size) for name, *where in ENGINES}
    return in_turns_us(
        {name: act for name, (_, act) in pairs.items()},
        rounds=typed.rounds,
        calls=typed.calls,
        before={name: choose for name, (choose, _) in pairs.items()},
    )


def _lost(store: Callable[..., Any], choose: Callable[[], None], writers: int) -> float:
    """Of changes to different keys of one session, how many of a hundred are not there."""
    choose()
    key, barrier = _made(store, 300), threading.Barrier(writers)

    def write(writer: int) -> None:
        barrier.wait()
        for number in range(WRITES // writers):
            session = store(key)
            session.get("cart")
            time.sleep(THINK_S)
            session[f"{writer}.{number}"] = 1
            session.save()

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = WRITES // writers * writers
    kept = sum(1 for name in store(key).keys() if "." in name)  # noqa: SIM118 - a session is no dict
    return round(100 * (total - kept) / total, 1)


def _table(result: dict[str, Any]) -> str:
    engines = [name for name, *_ in ENGINES]
    lines = [
        *heading("Sessions", result),
        (
            f"{result['rounds']} batches in turns, over loopback. Microseconds a call, of the "
            "middle batch; ratios to praxis.sessions."
        ),
        "",
        f"| | {' | '.join(engines)} |",
        f"| --- |{' ---: |' * len(engines)}",
    ]
    for what, spent in result["us"].items():
        own = spent[engines[0]][1]
        cells = [f"{spent[name][1]:.0f} ({spent[name][1] / own:.2f})" for name in engines]
        lines.append(f"| {what} | {' | '.join(cells)} |")
    for what, lost in result["lost_percent"].items():
        cells = [f"{lost[name]:.1f} %" for name in engines]
        lines.append(f"| changes lost, {what} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])
