import os
import pwd
import sys
import tempfile
from pathlib import Path

import pytest

from praxis.embedded import processes
from praxis.embedded.processes import Account, Household, closed_parent
from praxis.errors import ServerError

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")


@pytest.fixture
def household():
    household = Household()
    yield household
    household.close()


def test_removes_a_temporary_folder_and_keeps_a_named_one(household, tmp_path):
    household.close()
    assert not household.directory.exists()
    kept = Household(directory=tmp_path / "deep" / "folder")
    kept.close()
    assert kept.directory.exists()


def test_stops_what_runs_in_it(household):
    process = household.start(SLEEP, log=household.directory / "log")
    assert process.is_alive
    household.close()
    assert not process.is_alive


def test_pauses_resumes_stops_and_kills_a_process(household):
    process = household.start(SLEEP, log=household.directory / "log")
    process.pause()
    process.resume()
    process.stop()
    process.stop()
    assert not process.is_alive
    process = household.start(SLEEP, log=household.directory / "log")
    process.kill()
    assert not process.is_alive


def test_shows_the_end_of_a_log(household):
    code = "print(*range(100), sep='\\n')"
    process = household.start([sys.executable, "-c", code], log=household.directory / "log")
    while process.is_alive:
        pass
    assert process.log_tail().splitlines() == [str(number) for number in range(80, 100)]


def test_makes_one_password_and_keeps_it(tmp_path):
    first = Household(directory=tmp_path)
    password = first.password()
    assert first.password() == password
    assert (tmp_path / "password").stat().st_mode & 0o777 == 0o600
    first.close()
    again = Household(directory=tmp_path)
    assert again.password() == password
    again.close()


def test_refuses_a_folder_that_is_in_use(household):
    with pytest.raises(ServerError, match="already"):
        Household(directory=household.directory)


def test_refuses_to_start_anything_after_closing(household):
    household.close()
    with pytest.raises(ServerError, match="were stopped"):
        household.start(SLEEP, log=household.directory / "log")


def test_names_a_program_that_is_not_there(household):
    with pytest.raises(ServerError, match="Could not start /no/such/program"):
        household.start(["/no/such/program"], log=household.directory / "log")


def test_tells_what_a_failed_command_said(household):
    code = "import sys; sys.exit('it went wrong')"
    with pytest.raises(ServerError, match="it went wrong"):
        household.run([sys.executable, "-c", code])


def test_says_that_the_watchdog_was_killed(household):
    household._watchdog.kill()
    household._watchdog.wait()
    with pytest.raises(ServerError, match=r"watchdog of .* has ended"):
        household.start(SLEEP, log=household.directory / "log")


def test_leaves_the_servers_alone_when_a_fork_closes(household, monkeypatch):
    process = household.start(SLEEP, log=household.directory / "log")
    with monkeypatch.context() as fork:
        fork.setattr(os, "getpid", lambda: -1)
        household.close()
    assert process.is_alive


def test_keeps_the_variables_of_postgresql_from_its_programs(monkeypatch):
    monkeypatch.setenv("PGDATA", "/elsewhere")
    monkeypatch.setenv("KEPT", "yes")
    environment = processes.environment()
    assert "PGDATA" not in environment
    assert environment["KEPT"] == "yes"


def test_names_the_topmost_folder_that_others_may_not_pass(tmp_path):
    base = Path(tempfile.mkdtemp(dir=tmp_path))
    for parent in [base, *base.parents]:
        if parent.stat().st_uid == os.geteuid() and parent.is_relative_to(tempfile.gettempdir()):
            assert closed_parent(base / "inner" / "data") is not None
    closed = base / "closed"
    closed.mkdir(mode=0o700)
    found = closed_parent(closed / "data")
    assert found is not None
    assert (closed / "data").is_relative_to(found)


def test_is_nobody_when_we_are_root_and_ourselves_otherwise(monkeypatch):
    nobody = pwd.getpwnam("nobody")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert processes.unprivileged_account() == Account(nobody.pw_uid, nobody.pw_gid)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert processes.unprivileged_account() is None


def test_says_what_to_do_where_there_is_no_nobody(monkeypatch):
    def nobody(_name):
        raise KeyError

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", nobody)
    with pytest.raises(ServerError, match="as an ordinary user"):
        processes.unprivileged_account()


def test_says_when_no_temporary_folder_can_be_entered(monkeypatch):
    monkeypatch.setattr(processes, "closed_parent", lambda _: Path("/"))
    with pytest.raises(ServerError, match="Set TMPDIR"):
        processes._temporary_folder(Account(65534, 65534))


def test_names_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ServerError, match="Cannot use"):
        Household(directory=tmp_path / "file" / "folder")
