"""Timeouts that a file sets for the whole process."""

import ast

from msgspec import Struct

from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.project import Project
from praxis.audit.summary import Fact


class ProcessTimeouts(Struct, frozen=True, array_like=True):
    """
    What a file sets for everybody.

    Attributes:
        sockets: It calls ``socket.setdefaulttimeout`` with anything but None.
        requests: It puts its own function in the place of one of `requests`, as is done to
            give every call a timeout.
    """

    sockets: bool
    requests: bool


def extract(file: File) -> ProcessTimeouts | None:
    """Look for both; a search in the text first, since hardly any file has them."""
    sets_sockets = "setdefaulttimeout" in file.text
    patches = "requests" in file.text and any(
        patch in file.text for patch in ("HTTPAdapter.send", "Session.request", "Session.send")
    )
    if not (sets_sockets or patches):
        return None
    sockets = requests = False
    for node in ast.walk(file.tree):
        match node:
            case ast.Call(func, [ast.Constant(None)]) if _is_setter(func):
                pass
            case ast.Call(func) if _is_setter(func):
                sockets = True
            case ast.Assign(targets=[ast.Attribute(ast.expr() as owner, "send" | "request")]):
                requests = requests or _last_name(owner) in {"HTTPAdapter", "Session"}
    return ProcessTimeouts(sockets, requests) if sockets or requests else None


PROCESS_TIMEOUTS = Fact("process_timeouts", ProcessTimeouts, extract)


def merge(project: Project) -> ProcessTimeouts:
    """What any file of the project sets, tests aside: they run in no server."""
    found = [
        value
        for path, value in project.facts(PROCESS_TIMEOUTS).items()
        if project.role(path) is not Role.TEST
    ]
    return ProcessTimeouts(any(one.sockets for one in found), any(one.requests for one in found))


def _is_setter(function: ast.expr) -> bool:
    return _last_name(function) == "setdefaulttimeout"


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
