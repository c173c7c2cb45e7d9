"""``praxis serve-postgres``: run PostgreSQL, alone or with replicas, until Ctrl-C."""

from pathlib import Path
from pprint import pformat

import click

from praxis import embedded
from praxis.cli.foreground import announce, wait_for_the_end


@click.command("serve-postgres")
@click.option("--port", type=click.IntRange(1, 65535), help="Listen here instead of a free port.")
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the data in this folder for the next time; otherwise it goes at the end.",
)
@click.option("--replicas", type=click.IntRange(0, 9), default=0, help="Streaming replicas.")
@click.option(
    "--replay-delay",
    "replay_delay_s",
    type=click.FloatRange(0),
    default=0.0,
    metavar="SECONDS",
    help="Let the replicas show each commit so much later.",
)
def command(port: int | None, directory: Path | None, replicas: int, replay_delay_s: float) -> None:
    """Run a PostgreSQL server of your own until Ctrl-C."""
    if replay_delay_s and not replicas:
        raise click.UsageError("--replay-delay is about replicas: add --replicas 1.")
    if replicas:
        with embedded.postgres_replication(
            replicas=replicas, replay_delay_s=replay_delay_s, port=port, directory=directory
        ) as group:
            names = {"primary": group.primary.url}
            names |= {f"replica {n}": each.url for n, each in enumerate(group.replicas, start=1)}
            announce(names, "DATABASES = " + pformat(group.django_settings(), sort_dicts=False))
            wait_for_the_end()
    else:
        with embedded.postgres(port=port, directory=directory) as server:
            settings = {"default": server.django_settings()}
            announce(
                {"PostgreSQL": server.url}, "DATABASES = " + pformat(settings, sort_dicts=False)
            )
            wait_for_the_end()
