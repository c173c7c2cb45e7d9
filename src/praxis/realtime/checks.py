"""Mistakes in ``PRAXIS["realtime"]``, as ``manage.py check`` reports them, with no connection."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register

from praxis.conf import ChannelConfig, config
from praxis.errors import ChannelError, SettingsError
from praxis.realtime.authorising import WORDS, authoriser
from praxis.realtime.channels import Channels
from praxis.setup_checks import TAG, without_address

#: What each id is about, for the documentation.
SAYS: Mapping[str, str] = {
    "praxis.E060": "`PRAXIS['realtime']['redis']` names no server that has an address",
    "praxis.E061": "a channel in `PRAXIS['realtime']['channels']` has a name that means nothing",
    "praxis.E062": "`authorise` of a channel names no function, and is none of the known words",
}


@register(TAG)
def check_realtime(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Name what is wrong in ``PRAXIS["realtime"]``."""
    del app_configs
    try:
        whole = config()
    except SettingsError:
        return []  # told of elsewhere
    if not whole.realtime.channels:
        return []
    alias = whole.realtime.redis
    found = [*without_address(whole, alias, what="Events go through", check_id="praxis.E060")]
    for name, settings in whole.realtime.channels.items():
        found += _slips(name, settings)
    return found


def _slips(name: str, settings: ChannelConfig) -> Iterator[CheckMessage]:
    where = f"PRAXIS['realtime']['channels'][{name!r}]"
    try:
        Channels({name: settings})
    except ChannelError as error:
        yield Error(f"{where}: {error}", hint="Give it another name.", id="praxis.E061")
    rule = settings.authorise
    if rule == "owner" and "{pk}" not in name:
        hint = 'Write the name with {pk}, as in "user:{pk}".'
        yield Error(f"{where} belongs to no owner.", hint=hint, id="praxis.E062")
    if rule in WORDS:
        return
    try:
        authoriser(rule)
    except (ImportError, TypeError) as error:
        hint = f"Name a function by its dotted path, or write one of {', '.join(sorted(WORDS))}."
        yield Error(f"{where}['authorise']: {error}", hint=hint, id="praxis.E062")
