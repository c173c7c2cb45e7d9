import pytest

from praxis import embedded
from praxis.doctor import Target


@pytest.fixture(scope="package")
def server():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_POSTGRES_URL", raising=False)
        with embedded.postgres(settings={"autovacuum": "off"}) as server:
            yield server


@pytest.fixture
def database(server):
    created = server.database()
    yield created
    server.drop_database(created.name)


@pytest.fixture
def target(database):
    return Target.at("postgres", database.url)
