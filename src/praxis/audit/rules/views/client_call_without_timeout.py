"""
Flag a call to another server that has no timeout and so may wait for ever.

## Why
A server that accepts the connection and then says nothing holds the caller until somebody kills
it. One such partner takes every worker of the site within minutes, and each page is down,
also those that never talk to that partner. `requests`, `urllib`, `urllib3`, `http.client`,
`smtplib`, `ftplib`, `imaplib`, `poplib` and `socket` wait without end unless they are told
otherwise. `httpx` gives up after 5 seconds by itself and `aiohttp` after 5 minutes: these are
flagged only where `httpx` is told not to (`timeout=None`).

## Bad
```python
import requests


def rates(request):
    return requests.get("https://rates.example/today").json()
```

```python
import requests


class Gateway:
    def __init__(self):
        self.session = requests.Session()

    def charge(self, amount):
        return self.session.post("https://pay.example/charges", json={"amount": amount})
```

```python
import httpx


def report(request):
    return httpx.get("https://reports.example/big", timeout=None).content
```

## Good
```python
import requests


def rates(request):
    return requests.get("https://rates.example/today", timeout=10).json()
```

```python
import httpx


def rates(request):
    return httpx.get("https://rates.example/today").json()
```

## Fix
Adds `timeout=10`. Unsafe: a partner that used to answer after 20 seconds now raises, and the
code around must cope with that. Ten seconds is a generous answer time for a page; write what
your partner promises.

## Misses
Sessions that arrive as a parameter or from another module; clients made by other libraries
(`requests_oauthlib`, cloud SDKs); a `timeout` in `**options`; raw sockets.

## When to ignore it
Where a deadline around the call ends it that the code does not show (a worker that is killed on
time is no such deadline: it ends the request with an error). A project that calls
`socket.setdefaulttimeout` (which reaches everything named above but `requests` and `urllib3`),
or puts a function of its own in the place of `HTTPAdapter.send`, is not bothered.

## Source
https://requests.readthedocs.io/en/latest/user/advanced/#timeouts,
https://docs.python.org/3/library/socket.html#socket.getdefaulttimeout,
https://www.python-httpx.org/advanced/timeouts/
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from praxis.audit import File, Finding, Fix, Project, Safety, rule
from praxis.audit.editing.arguments import add_argument
from praxis.audit.facts.parameters import is_parameter
from praxis.audit.facts.views.http_sessions import find_session
from praxis.audit.facts.views.timeouts import merge

FOR_EVER = "{name}() waits for ever if the other side does not answer. Give it a timeout."
TOLD_SO = "timeout=None tells {name}() to wait for ever. Give it a number of seconds."
ARGUMENT = "timeout=10"


@dataclass(frozen=True, slots=True)
class _Client:
    """
    A callable that opens a connection.

    *needs* is the least and *timeout_at* the first count of positional arguments: with fewer it
    is another function, from there on the timeout is among them. *patient* ones wait for ever
    by default; those on Python's own sockets unless `socket.setdefaulttimeout` was called.
    """

    needs: int = 0
    timeout_at: int = 99
    patient: bool = True
    python_socket: bool = True


_VERBS = ("get", "options", "head", "post", "put", "patch", "delete")
_REQUESTS = _Client(needs=1, python_socket=False)
_HTTPX = _Client(patient=False, python_socket=False)

_CLIENTS: dict[str, _Client] = {
    **{f"requests.{verb}": _REQUESTS for verb in (*_VERBS, "request")},
    **{f"requests.api.{verb}": _REQUESTS for verb in (*_VERBS, "request")},
    **{f"httpx.{verb}": _HTTPX for verb in (*_VERBS, "request", "stream")},
    "httpx.Client": _HTTPX,
    "httpx.AsyncClient": _HTTPX,
    "urllib3.request": _Client(needs=2, python_socket=False),
    "urllib.request.urlopen": _Client(needs=1, timeout_at=3),
    "six.moves.urllib.request.urlopen": _Client(needs=1, timeout_at=3),
    "http.client.HTTPConnection": _Client(needs=1, timeout_at=3),
    "http.client.HTTPSConnection": _Client(needs=1, timeout_at=3),
    "smtplib.SMTP": _Client(timeout_at=4),
    "smtplib.SMTP_SSL": _Client(timeout_at=4),
    "ftplib.FTP": _Client(needs=1, timeout_at=5),
    "ftplib.FTP_TLS": _Client(needs=1, timeout_at=5),
    "imaplib.IMAP4": _Client(timeout_at=3),
    "imaplib.IMAP4_SSL": _Client(timeout_at=3),
    "poplib.POP3": _Client(needs=1, timeout_at=3),
    "poplib.POP3_SSL": _Client(needs=1, timeout_at=3),
    "socket.create_connection": _Client(needs=1, timeout_at=2),
}

_SESSION_METHODS: dict[str, dict[str, _Client]] = {
    "requests.Session": {
        **dict.fromkeys(_VERBS, _REQUESTS),
        "request": _Client(needs=1, timeout_at=9, python_socket=False),
    },
    "urllib3.PoolManager": {"request": _Client(needs=2, python_socket=False)},
}

_ON_PYTHON_SOCKETS = tuple(name for name, client in _CLIENTS.items() if client.python_socket)

_CALLEES = {name.rpartition(".")[2] for name in _CLIENTS} | {
    method for methods in _SESSION_METHODS.values() for method in methods
}


def _has_default(project: Project, finding: Finding) -> bool:
    """Whether some file of the project sets a timeout for the whole process."""
    told = finding.message.partition("()")[0].removeprefix("timeout=None tells ")
    default = project.derive(merge)
    if told.startswith(("requests.", "Session.")):
        return default.requests
    return default.sockets and told.startswith(_ON_PYTHON_SOCKETS)


@rule(code="VIEW105", visits=ast.Call, callees=_CALLEES, unless=_has_default)
def check(file: File, node: ast.Call) -> Iterator[Finding]:
    name = file.qualified(node.func)
    client = _CLIENTS.get(name) if name is not None else None
    if client is not None and _is_shadowed(file, node.func):
        return
    if name is None or client is None:
        session = find_session(file, node)
        if session is None:
            return
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = f"{session.rpartition('.')[2]}.{method}"
        client = _SESSION_METHODS[session].get(method)
        if client is None:
            return
    given = _timeout_of(node, client)
    if given is _UNKNOWN or (given is None and not client.patient) or _has_deadline(file):
        return
    if given is None:
        edits = add_argument(file, node, ARGUMENT)
        message = FOR_EVER.format(name=name)
    else:
        edit = file.replace(given, "10")
        edits = (edit,) if edit is not None else ()
        message = TOLD_SO.format(name=name)
    fix = Fix(edits, Safety.UNSAFE, f"add {ARGUMENT}") if edits else None
    yield Finding(file.place(node), message, fix)


_UNKNOWN = ast.Constant(...)


def _timeout_of(node: ast.Call, client: _Client) -> ast.expr | None:
    """The ``None`` given as timeout; None if there is none; `_UNKNOWN` for all else."""
    if not client.needs <= len(node.args) + _named_first(node) < 99:
        return _UNKNOWN
    if len(node.args) >= client.timeout_at or any(isinstance(a, ast.Starred) for a in node.args):
        return _UNKNOWN
    if _opens_a_file(node):
        return _UNKNOWN
    for keyword in node.keywords:
        if keyword.arg is None:
            return _UNKNOWN
        if keyword.arg == "timeout":
            value = keyword.value
            return value if isinstance(value, ast.Constant) and value.value is None else _UNKNOWN
    return None


def _named_first(node: ast.Call) -> int:
    named = {"url", "method", "host", "address", "fullurl"}
    return sum(keyword.arg in named for keyword in node.keywords)


def _opens_a_file(node: ast.Call) -> bool:
    match node.args[:1]:
        case [ast.Constant(str() as address)] | [
            ast.JoinedStr([ast.Constant(str() as address), *_])
        ]:
            return address.startswith(("file:", "data:"))
        case [ast.Call(ast.Attribute(attr="as_uri"))]:
            return True
    return False


def _has_deadline(file: File) -> bool:
    """Whether something around the call ends the wait."""
    for node in file.ancestors():
        if isinstance(node, ast.With | ast.AsyncWith):
            limits = [item.context_expr for item in node.items]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            limits = node.decorator_list
        else:
            continue
        if any(_names_a_limit(file.source(limit).lower()) for limit in limits):
            return True
    return False


def _names_a_limit(source: str) -> bool:
    return "timeout" in source or "time_limit" in source or "deadline" in source


def _is_shadowed(file: File, function: ast.expr) -> bool:
    """Whether the name that is called on is a parameter here, whatever the imports say."""
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name) and is_parameter(file, function.id)
