"""What a client of a real web server gets to see."""

import http.client
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from praxis.embedded.ports import choose_port

pytest.importorskip("gunicorn")
pytestmark = pytest.mark.postgres

ROOT = Path(__file__).parents[3]
COPIES = (
    "FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active' "
    "AND backend_type = 'client backend'"
)


@pytest.fixture
def address(installed, postgres, postgres_database, tmp_path):
    installed.Item.objects.create(number="1")
    port = choose_port()
    environment = os.environ | {
        "EXPORT_DATABASE": json.dumps(postgres_database),
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "tests.integration.exports.site:application"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
    yield "127.0.0.1", port
    process.terminate()
    process.wait()


def begun(address):
    end = time.monotonic() + 60
    while True:
        client = http.client.HTTPConnection(*address, timeout=60)
        try:
            client.request("GET", "/export")
            response = client.getresponse()
        except ConnectionError:
            assert time.monotonic() < end
            time.sleep(0.05)
        else:
            assert response.status == 200
            assert len(response.read(300_000)) == 300_000
            return client, response


def test_a_download_that_breaks_off_does_not_look_whole(address, asked):
    client, response = begun(address)
    assert response.getheader("Transfer-Encoding") == "chunked"
    asked(f"SELECT count(pg_terminate_backend(pid)) {COPIES}")
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    client.close()


def test_a_client_that_hangs_up_ends_the_query(address, asked):
    client, response = begun(address)
    assert asked(f"SELECT count(*) {COPIES}") == (1,)
    response.close()
    client.close()
    end = time.monotonic() + 30
    while asked(f"SELECT count(*) {COPIES}") != (0,):
        assert time.monotonic() < end
        time.sleep(0.01)
