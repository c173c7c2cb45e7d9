import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from praxis.cli import serve_postgres, serve_redis
from praxis.embedded import watchdog


@pytest.mark.redis
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_redis_prints_settings_and_stops_cleanly(number):
    done = serve(["serve_redis"], number)
    assert "CACHES = {" in done
    assert done.endswith("Stopping.\n")


@pytest.mark.postgres
def test_serve_postgres_prints_settings_for_each_server():
    done = serve(["serve_postgres", "--replicas", "1", "--replay-delay", "5"], signal.SIGTERM)
    assert "DATABASES = {" in done
    assert "'replica1'" in done


def serve(arguments, number_or_use):
    """Run a command until it says that it runs, use it, signal it; return what it printed."""
    verb, *options = arguments
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PRAXIS_")}
    code = f"import sys; from praxis.cli.{verb} import command; command(sys.argv[1:])"
    with subprocess.Popen(
        [sys.executable, "-c", code, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Running."):
                break
        [supervisor] = watchdog.descendants(process.pid)[:1]
        below = watchdog.descendants(supervisor)
        assert below
        number = number_or_use
        if callable(number_or_use):
            number_or_use("".join(lines))
            number = signal.SIGTERM
        process.send_signal(number)
        rest, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    assert not any(watchdog.is_alive(pid) for pid in below)
    return "".join(lines) + rest


@pytest.mark.redis
def test_sentinel_settings_work_in_django(settings):
    printed = serve(["serve_redis", "--replicas", "1", "--sentinels", "1"], use_settings)
    assert "sentinel 1  redis://127.0.0.1:" in printed


def use_settings(printed):
    from django.core.cache import CacheHandler

    names = {}
    exec(printed[printed.index("from redis") : printed.index("Running.")], names)
    handler = CacheHandler(names["CACHES"])
    handler["default"].set("key", [1, 2])
    assert handler["default"].get("key") == [1, 2]
    pool = handler["default"]._cache._get_connection_pool(write=True)
    pool.disconnect()
    for sentinel in pool.sentinel_manager.sentinels:
        sentinel.close()


@pytest.mark.redis
def test_cluster_prints_its_six_nodes():
    printed = serve(["serve_redis", "--cluster"], signal.SIGINT)
    assert printed.count("redis://") == 7  # six nodes and the example
    assert "RedisCluster.from_url" in printed


@pytest.mark.parametrize(
    ("command", "arguments", "advice"),
    [
        (serve_redis.command, ["--cluster", "--port", "7000"], "give it alone"),
        (serve_postgres.command, ["--replay-delay", "3"], "add --replicas 1"),
    ],
)
def test_says_which_options_do_not_go_together(command, arguments, advice):
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2
    assert advice in result.output
