"""Start the tests' site under a real server, and read events from it over real sockets."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]


class Site:
    def __init__(self, process, port):
        self.process, self.port = process, port
        self.host = "127.0.0.1"

    def open(self, *channels, last="", headers=(), path="/events/"):
        return Events(self, channels, last, headers, path)

    def get(self, path, **headers):
        """Status, headers and body of a response that ends."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        with closing(connection):
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return response.status, found, response.read().decode()

    def terminate(self):
        self.process.terminate()


class Events:
    """One connection of Server-Sent Events; iterate over name, data and id."""

    def __init__(self, site, channels, last="", headers=(), path="/events/"):
        query = "&".join(f"channel={name}" for name in channels)
        self.last = last
        headers = [*headers, *([("Last-Event-ID", last)] if last else [])]
        self.sock = socket.create_connection((site.host, site.port), timeout=20)
        self._file = self.sock.makefile("rb")
        self.status, self.headers, self.body = ask(
            self.sock, site.port, f"{path}?{query}", headers, self._file
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._file.close()
        self.sock.close()

    def __iter__(self):
        while (found := self.next()) is not None:
            yield found

    def next(self):
        """The next event; None at the end."""
        fields = {}
        while line := self._line():
            if line == "\n":
                if "id" in fields:
                    self.last = fields["id"]
                if "data" in fields:
                    return fields["event"], json.loads(fields["data"]), self.last
                fields = {}
                continue
            name, _, value = line.rstrip("\n").partition(": ")
            fields[name] = value
        return None

    def until(self, name):
        """The data of the next event of a name."""
        for event, data, _ in self:
            if event == name:
                return data
        raise AssertionError(f"the stream ended without {name}")

    is_cut = False  # whether it ended without saying so
    _lines = ()
    _rest = b""

    def _line(self):
        while not self._lines:
            size = self._file.readline().strip()
            length = int(size or b"0", 16)
            chunk = self._file.read(length + 2)
            if not length or len(chunk) < length + 2:
                self.is_cut = not size or length > 0
                return ""
            *lines, self._rest = (self._rest + chunk[:-2]).split(b"\n")
            self._lines = [line.decode() + "\n" for line in reversed(lines)]
        return self._lines.pop()


def ask(sock, port, path, headers, file):
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers]
    sock.sendall("\r\n".join([*lines, "", ""]).encode())
    status = int(file.readline().split()[1])
    found = {}
    while (line := file.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode().partition(":")
        found[name.lower()] = value.strip()
    body = b""
    if "content-length" in found:
        body = file.read(int(found["content-length"]))
    return status, found, body.decode()


@contextmanager
def serve(redis_url, realtime, *, options=(), timeout_s=2.0, app="site", port=0):
    """Run the site under uvicorn."""
    praxis = {"redis": {"url": redis_url, "timeout_s": timeout_s, "probe_s": 0.2}}
    environment = os.environ | {
        "SITE_PRAXIS": json.dumps(praxis | {"realtime": realtime}),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src"), *sys.path]),
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", f"tests.integration.realtime.{app}:application"]
    command += ["--port", str(port), "--log-level", "warning", *options]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        _wait(process, port)
        yield Site(process, port)
    finally:
        process.kill()
        process.wait()


def _wait(process, port):
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, "the site did not start"
        assert time.monotonic() < deadline
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
