"""``praxis serve-redis``: run Redis, one server or a group, until Ctrl-C."""

from pathlib import Path
from pprint import pformat

import click

from praxis import embedded
from praxis.cli.foreground import announce, wait_for_the_end


@click.command("serve-redis")
@click.option("--port", type=click.IntRange(1, 65535), help="Listen here instead of a free port.")
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the data in this folder for the next time; otherwise it goes at the end.",
)
@click.option(
    "--replicas", type=click.IntRange(1, 20), help="Replicas of the master (with --sentinels)."
)
@click.option("--sentinels", type=click.IntRange(1, 9), help="Sentinels that watch the master.")
@click.option("--cluster", is_flag=True, help="A Cluster of six: three masters, three replicas.")
def command(
    port: int | None,
    directory: Path | None,
    replicas: int | None,
    sentinels: int | None,
    cluster: bool,
) -> None:
    """Run a Redis server of your own until Ctrl-C."""
    if cluster and (port or replicas or sentinels):
        raise click.UsageError("--cluster chooses its ports and has 3 replicas: give it alone.")
    if cluster:
        _serve_cluster(directory)
    elif replicas or sentinels:
        _serve_sentinel(port, directory, replicas or 1, sentinels or 3)
    else:
        _serve_one(port, directory)


def _serve_one(port: int | None, directory: Path | None) -> None:
    with embedded.redis(port=port, directory=directory) as server:
        announce(
            {"Redis": server.url},
            "CACHES = " + pformat({"default": server.django_settings()}, sort_dicts=False),
        )
        wait_for_the_end()


def _serve_sentinel(port: int | None, directory: Path | None, replicas: int, count: int) -> None:
    with embedded.redis_sentinel(
        replicas=replicas, sentinels=count, port=port, directory=directory
    ) as group:
        master = group.master
        names = {"master": master.url}
        names |= {f"replica {n}": each.url for n, each in enumerate(group.replicas, start=1)}
        names |= {
            f"sentinel {n}": f"redis://{host}:{port}"
            for n, (host, port) in enumerate(group.addresses, start=1)
        }
        announce(names, _sentinel_settings(group))
        wait_for_the_end()


def _serve_cluster(directory: Path | None) -> None:
    with embedded.redis_cluster(directory=directory) as cluster:
        announce(
            {f"node {n}": url for n, url in enumerate(cluster.urls, start=1)},
            "# Django's own cache backend cannot speak to a Cluster; redis-py can:\n"
            "from redis.cluster import RedisCluster\n\n"
            f"client = RedisCluster.from_url({cluster.url!r})",
        )
        wait_for_the_end()


def _sentinel_settings(group: embedded.RedisSentinel) -> str:
    return f"""\
from redis.sentinel import Sentinel, SentinelConnectionPool

CACHES = {{
    "default": {{
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://{group.service}",
        "OPTIONS": {{
            "pool_class": SentinelConnectionPool,
            "service_name": "{group.service}",
            "sentinel_manager": Sentinel({group.addresses!r}),
            "password": "{group.password}",
        }},
    }}
}}"""
