import os
import shutil
import socket

import pytest

from praxis import embedded
from praxis.doctor import Target
from praxis.embedded.readiness import wait_until
from tests.integration.doctor.asking import apply, ask
from tests.integration.doctor.web.conftest import make_certificate

pytestmark = pytest.mark.postgres


def own_address():
    """An address of this machine that others could reach; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but its own")
        return probe.getsockname()[0]


def test_a_connection_that_leaves_the_machine_unencrypted(monkeypatch, tmp_path):
    monkeypatch.delenv("PRAXIS_POSTGRES_URL", raising=False)
    address = own_address()
    with embedded.postgres(settings={"listen_addresses": "*"}) as own:
        with (own.data / "pg_hba.conf").open("a") as access:
            access.write("host all all all scram-sha-256\n")
        own.sql("SELECT pg_reload_conf()")
        near = Target.at("postgres", own.url)
        far = Target.at("postgres", own.url.replace("127.0.0.1", address))
        assert ask("unencrypted_connections", near) == []
        [finding] = ask("unencrypted_connections", far)
        assert finding.message.startswith(f"What is asked of {address}")
        if not own.sql("SHOW ssl_library"):
            pytest.skip("this PostgreSQL was built without SSL: the remedy was not tried")
        certificate = make_certificate(tmp_path, days=9)
        owner = own.data.stat()
        for name, place in (("certificate.pem", "server.crt"), ("key.pem", "server.key")):
            shutil.copy(certificate / name, own.data / place)
            (own.data / place).chmod(0o600)
            os.chown(own.data / place, owner.st_uid, owner.st_gid)
        apply(own.url, finding)
        wait_until(lambda: own.sql("SHOW ssl") == "on", what="encryption", timeout_s=30)
        assert ask("unencrypted_connections", far) == []
