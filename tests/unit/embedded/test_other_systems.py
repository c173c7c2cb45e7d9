"""Where there is no Unix: everything can be imported, and what cannot run says so."""

import os
import subprocess
import sys
import textwrap

import pytest

from praxis import embedded
from praxis.embedded import processes
from praxis.embedded.processes import Household
from praxis.errors import ServerError

STARTS = [
    embedded.redis,
    embedded.redis_cluster,
    embedded.redis_sentinel,
    embedded.postgres,
    embedded.postgres_replication,
    Household,
]


@pytest.fixture
def windows(monkeypatch):
    """What Python does not have on Windows, as far as these modules would miss it."""
    for name in ("fork", "geteuid", "getuid", "chown"):
        monkeypatch.delattr(os, name)
    for name in ("fcntl", "pwd"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("PRAXIS_REDIS_URL", "PRAXIS_POSTGRES_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.__name__)
def test_says_where_servers_can_be_run_instead_of_failing_in_the_middle(windows, start):
    with pytest.raises(ServerError, match=r"on Linux and macOS only.*PRAXIS_REDIS_URL="):
        start()


def test_names_of_unix_are_not_needed_to_import_it():
    program = """
        import os, pathlib, sys, tempfile, subprocess, shutil, signal  # what they need is theirs
        for name in ("fcntl", "pwd", "grp", "resource"):
            sys.modules[name] = None
        for name in ("fork", "geteuid", "getuid", "killpg", "pread"):
            delattr(os, name)
        for name in ("SIGHUP", "SIGQUIT", "SIGKILL", "SIGSTOP", "SIGCONT"):
            delattr(signal, name)
        import praxis.audit.fixing.command
        import praxis.cli.check, praxis.cli.serve_redis, praxis.cli.serve_postgres
        import praxis.embedded, praxis.prove
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.returncode == 0


def test_runs_where_unix_is(monkeypatch):
    processes.demand_unix()
    monkeypatch.delattr(os, "fork")
    with pytest.raises(ServerError):
        processes.demand_unix()
