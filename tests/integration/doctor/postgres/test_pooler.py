import shutil
import subprocess
from pathlib import Path

import pytest

from praxis.doctor import Alias, Target, checks, examine
from praxis.embedded.ports import start_on_port
from tests.integration.doctor.asking import ask

pytestmark = pytest.mark.postgres


@pytest.fixture
def pooler(server, database, tmp_path):
    """The address of the database behind PgBouncer, which pools transactions."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("no pgbouncer on the PATH: apt-get install pgbouncer")
    (tmp_path / "users.txt").write_text(f'"postgres" "{server.password}"\n')
    running = []

    def launch(port):
        (tmp_path / "pgbouncer.ini").write_text(
            f"[databases]\n* = host={server.host} port={server.port}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = plain\n"
            f"auth_file = {tmp_path}/users.txt\npool_mode = transaction\nunix_socket_dir =\n"
            "default_pool_size = 2\n"
        )
        for path in (tmp_path, *tmp_path.parents[:2]):
            path.chmod(0o755)
        user = ["-u", "nobody"] if Path("/root").exists() and _is_root() else []
        process = subprocess.Popen(
            [program, *user, str(tmp_path / "pgbouncer.ini")],
            stderr=subprocess.PIPE,
            text=True,
        )
        for line in process.stderr:
            if "process up" in line:
                break
        else:
            pytest.fail("pgbouncer did not start")
        running.append(process)
        return port, process

    port, process = start_on_port(launch, port=None)
    yield database.url.replace(f":{server.port}/", f":{port}/")
    process.kill()
    process.wait()
    process.stderr.close()


def _is_root():
    import os

    return os.getuid() == 0


def test_tells_a_pooler_by_its_process_number(pooler, database):
    careless = Alias(name="default", prepares=True)
    careful = Alias(name="default", server_side_cursors=False)

    def behind(url, alias):
        parameters = {"conninfo": url}
        return Target(server="postgres", where="it", parameters=parameters, aliases=(alias,))

    assert ask("pooler", behind(database.url, careless)) == []
    [finding] = ask("pooler", behind(pooler, careless))
    assert finding.remedies[0].text == (
        '"DISABLE_SERVER_SIDE_CURSORS": True,\n"OPTIONS": {"prepare_threshold": None},'
    )
    assert ask("pooler", behind(pooler, careful)) == []


def test_leaves_nothing_set_behind_for_the_poolers_other_clients(pooler):
    import psycopg

    examination = examine([Target.at("postgres", pooler)])
    assert examination.unanswered == []
    assert examination.asked_count == len(checks("postgres"))
    with psycopg.connect(pooler, autocommit=True) as connection:
        for name, usual in (("default_transaction_read_only", "off"), ("statement_timeout", "0")):
            assert connection.execute(f"SHOW {name}").fetchone() == (usual,)
