"""The command as a shell sees it: exit codes, streams, and how fast it may start."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from praxis.audit.scanning import FILES_WORTH_A_POOL
from praxis.cli.main import VERBS

START = (sys.executable, "-c", "from praxis.cli.main import main; main()")


@pytest.fixture
def environment(tmp_path):
    return os.environ | {"PRAXIS_CACHE_DIR": str(tmp_path / "cache")}


@pytest.fixture
def site(tmp_path):
    (tmp_path / "manage.py").write_text("x = 1\n")
    return tmp_path


def run(environment, *arguments, **options):
    return subprocess.run(
        [*START, *arguments],
        capture_output=True,
        env=environment,
        encoding="utf-8",
        timeout=60,
        **options,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "/no/such/folder"],
        ["check", "--select", "NOPE1"],
        ["check", "--baseline", "missing.json"],
        ["explain", "nope"],
    ],
)
def test_says_in_one_line_why_nothing_could_be_done(environment, site, arguments):
    done = run(environment, *arguments, cwd=site)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("praxis: ")
    assert "Traceback" not in done.stderr
    assert done.stderr.count("praxis: ") == 1


def test_names_a_wrong_option_and_exits_with_2(environment):
    done = run(environment, "check", "--nope")
    assert done.returncode == 2
    assert "No such option" in done.stderr
    assert "Traceback" not in done.stderr


def test_exits_with_0_where_nothing_is_found(environment, site):
    done = run(environment, "check", cwd=site)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing found." in done.stdout


def test_names_an_empty_folder(environment, tmp_path):
    done = run(environment, "check", str(tmp_path))
    assert done.returncode == 2
    assert "no Python file or template" in done.stderr


def test_is_silent_about_a_closed_pipe(environment, site):
    for number in range(50):
        (site / f"broken_{number}.py").write_text("(\n")
    process = subprocess.Popen(
        [*START, "check", "-v", "--no-cache"],
        cwd=site,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.readline()
    process.stdout.close()
    stderr = process.stderr.read()
    process.stderr.close()
    process.wait(60)
    assert stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
@pytest.mark.parametrize("arguments", [["check", "-v"], ["check", "--format", "json"], ["rules"]])
def test_says_that_the_output_has_no_room(environment, site, arguments):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*START, *arguments],
            cwd=site,
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode == 2
    assert "praxis: stopped by the system: [Errno 28]" in done.stderr
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="closes descriptors as a shell of POSIX does")
@pytest.mark.parametrize("arguments", ["check", "check --format json", "fix --diff", "rules"])
def test_does_without_a_standard_output(environment, site, arguments):
    command = f'"$0" -c "{START[-1]}" {arguments} >&-'
    done = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable],
        cwd=site,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_shows_escape_sequences_in_errors_instead_of_sending_them(environment, site):
    done = run(environment, "check", "\x1b[31mred", cwd=site)
    assert done.returncode == 2
    assert "\x1b" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_ends_with_130_and_no_traceback(environment, site):
    """The signal goes to the whole group, as a terminal sends it."""
    for number in range(220):
        (site / f"module_{number}.py").write_text("x = [1, 2, 3]\n" * 2_000)
    process = subprocess.Popen(
        [*START, "check", "--no-cache", "-j", "2"],
        cwd=site,
        env=environment,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.readline()  # the project is named just before the files are read
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in stdout + stderr


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_the_run(environment, site, number):
    for index in range(FILES_WORTH_A_POOL + 50):
        (site / f"module_{index}.py").write_text("x = [1, 2, 3]\n" * 1500)
    process = subprocess.Popen(
        [*START, "check", "--no-cache", "-j", "2"],
        cwd=site,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while len(children.read_text().split()) < 2:
        assert process.poll() is None, "ended before it had workers"
    process.send_signal(number)
    process.communicate(timeout=30)  # the workers hold its streams: they end when all are gone


def test_a_locale_of_few_characters_ends_no_report(environment, site):
    (site / "größe.py").write_text("(\n")
    done = run(environment | {"PYTHONIOENCODING": "ascii"}, "check", cwd=site)
    assert done.returncode == 1
    assert r"gr\xf6\xdfe.py:1: not read" in done.stdout


def test_check_starts_without_what_it_does_not_need(environment, site):
    script = (
        "import sys; from praxis.cli.main import praxis; "
        "praxis.main(['check', '--format', 'concise'], standalone_mode=False); "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=site,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    loaded = set(done.stdout.split())
    assert "click" in loaded
    unneeded = {"django", "redis", "rich", "libcst", "psycopg", "pygments", "asyncio"}
    assert not loaded & unneeded


def test_help_names_every_verb(environment):
    assert run(environment, "--version").stdout.startswith("praxis, version ")
    help_text = run(environment, "--help").stdout
    for verb in VERBS:
        assert verb in help_text
