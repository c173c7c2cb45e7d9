"""
Many clients in one process: ``python -m benchmarks.realtime.crowd PORT PATH COUNT``.

It answers each line that it is given with one of JSON: ``connect`` opens them all, ``report`` tells
what was heard since the last report.
"""

import asyncio
import json
import re
import sys
import time
from typing import Any

#: Connections that are being opened at the same time.
AT_ONCE = 100
EVENT = re.compile(rb"@(\d+)@(\d+)@")


class Client(asyncio.Protocol):
    def __init__(self, crowd: "Crowd") -> None:
        self._crowd = crowd
        self._rest = b""
        self.is_open: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        transport.write(self._crowd.request)

    def data_received(self, data: bytes) -> None:
        if not self.is_open.done():
            self.is_open.set_result(int(data.split(None, 2)[1]))
        if b"@" not in data and not self._rest:
            return
        text, now_ns = self._rest + data, time.monotonic_ns()
        end = 0
        for match in EVENT.finditer(text):
            self._crowd.waits_ns.append(now_ns - int(match[2]))
            end = match.end()
        rest = text[end:]
        self._rest = rest[rest.find(b"@") :] if b"@" in rest else b""

    def connection_lost(self, error: Exception | None) -> None:
        del error
        self._crowd.closed += 1
        if not self.is_open.done():
            self.is_open.set_result(0)


class Crowd:
    def __init__(self, port: int, path: str, count: int) -> None:
        self._port, self._count = port, count
        self.request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        self.waits_ns: list[int] = []
        self.closed = 0

    async def connect(self) -> dict[str, Any]:
        places, began = asyncio.Semaphore(AT_ONCE), time.monotonic()
        loop = asyncio.get_running_loop()

        async def one() -> int:
            async with places:
                _, client = await loop.create_connection(
                    lambda: Client(self), "127.0.0.1", self._port
                )
                return await client.is_open

        found = await asyncio.gather(*(one() for _ in range(self._count)))
        return {"open": found.count(200), "seconds": time.monotonic() - began}

    def report(self) -> dict[str, Any]:
        waits, self.waits_ns = sorted(self.waits_ns), []
        found: dict[str, Any] = {"heard": len(waits), "closed": self.closed}
        if waits:
            for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99)):
                found[name] = waits[min(len(waits) - 1, int(len(waits) * share))] / 1e6
        return found


async def main() -> None:
    crowd = Crowd(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        answer = await crowd.connect() if line.strip() == "connect" else crowd.report()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
