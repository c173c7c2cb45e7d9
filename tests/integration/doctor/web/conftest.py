import contextlib
import shutil
import ssl
import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from praxis.doctor import Target


@dataclass
class Site:
    """A real server that answers as a test says, and the target that leads to it."""

    url: str
    target: Target
    pages: dict = field(default_factory=dict)  # path to (status, headers, body)

    def says(self, path="/", *, status=200, body="<p>Hello", **headers):
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        named = [
            (name, one)
            for name, value in named
            for one in ([value] if isinstance(value, str) else value)
        ]
        if not any(name.lower() == "content-type" for name, _ in named):
            named.append(("Content-Type", "text/html; charset=utf-8"))
        self.pages[path] = (status, named, body.encode() if isinstance(body, str) else body)


@pytest.fixture(scope="package")
def certificate(tmp_path_factory):
    """A certificate for localhost and its key, in one file each; it trusts itself."""
    return make_certificate(tmp_path_factory.mktemp("certificate"), days=90)


def make_certificate(folder, *, days):
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl on the PATH")
    subprocess.run(
        [
            program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem",
            "-days", str(days), "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return folder


@contextlib.contextmanager
def serving(certificate=None, context=None, version="HTTP/1.1", **parameters):
    """A server on a free port; with a certificate over TLS."""
    pages = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = version

        def do_GET(self):
            said = pages.get(self.path.partition("?")[0]) or (404, [], b"nothing")
            status, headers, body = said(self.headers) if callable(said) else said
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            """Handshakes that are refused are what some tests are about."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if certificate is not None:
        if context is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        parameters.setdefault("trusted", str(certificate / "certificate.pem"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    scheme = "http" if certificate is None else "https"
    url = f"{scheme}://localhost:{server.server_port}/"
    target = Target(server="web", where=url, parameters={"url": url, **parameters})
    try:
        yield Site(url, target, pages)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site(certificate):
    with serving(certificate) as site:
        site.says()
        yield site


@pytest.fixture
def plain_site():
    with serving() as site:
        site.says()
        yield site
