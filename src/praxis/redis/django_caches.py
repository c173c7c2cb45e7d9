"""The server of an entry of ``CACHES``: Django's own backend, django-redis and django-valkey."""

from collections.abc import Iterable, Mapping
from typing import Any

from praxis.conf import cache_settings
from praxis.errors import SettingsError
from praxis.redis.targets import (
    LOGIN_OPTIONS,
    REDIS_PORT,
    SENTINEL_PORT,
    Address,
    Target,
    Topology,
    checked,
    login,
    read_address,
    read_url,
)
from praxis.redis.tls import read_tls

DJANGO = "django.core.cache.backends.redis.RedisCache"
#: Backends of packages: each takes one or several URLs and the options below.
PACKAGES = {
    "django_redis.cache.RedisCache": Topology.STANDALONE,
    "django_valkey.cache.ValkeyCache": Topology.STANDALONE,
    "django_valkey.async_cache.cache.AsyncValkeyCache": Topology.STANDALONE,
    "django_valkey.cluster_cache.cache.ClusterValkeyCache": Topology.CLUSTER,
}
SHARDING = "ShardClient"
#: What decides where and as whom to connect in ways that an address cannot say.
BEYOND = ("credential_provider", "CREDENTIAL_PROVIDER", "unix_socket_path", "path", "host", "port")


def read_cache(alias: str) -> Target:
    """
    Return where a cache keeps its data.

    Raises:
        SettingsError: if it is no Redis or Valkey, or is reached in a way that is not understood.
    """
    settings = cache_settings(alias)
    backend = settings.get("BACKEND", "")
    options = dict(settings.get("OPTIONS") or {})
    try:
        if backend == DJANGO:
            return _of_django(settings, options)
        if backend in PACKAGES:
            return _of_package(settings, options, PACKAGES[backend])
    except SettingsError as error:
        raise SettingsError(f"CACHES[{alias!r}]: {error}") from None
    known = ", ".join([DJANGO, *PACKAGES])
    raise SettingsError(
        f"CACHES[{alias!r}] uses {backend!r}, of which the server is not known. Known: {known}. "
        "Write the address itself."
    )


def _of_django(settings: Mapping[str, Any], options: dict[str, Any]) -> Target:
    first = _locations(settings)[0]  # the others are replicas, for reading
    if manager := options.get("sentinel_manager"):
        service = options.get("service_name")
        if not service:
            raise SettingsError("OPTIONS has a sentinel_manager and no service_name.")
        places = [sentinel.connection_pool.connection_kwargs for sentinel in manager.sentinels]
        addresses = [(place["host"], place.get("port", SENTINEL_PORT)) for place in places]
        options = {**getattr(manager, "connection_kwargs", {}), **options}
        return _sentinel(first, service, addresses, places[0], options)
    return _with_options(read_url(first), options)


def _of_package(settings: Mapping[str, Any], options: dict[str, Any], topology: Topology) -> Target:
    locations = _locations(settings)
    client = str(options.get("CLIENT_CLASS", ""))
    if client.endswith(SHARDING):
        raise SettingsError(f"{client} spreads keys over servers by itself; use a cluster.")
    options.setdefault("password", options.get("PASSWORD"))
    options.setdefault("username", options.get("USERNAME"))
    options |= options.get("CONNECTION_POOL_KWARGS") or {}
    if sentinels := options.get("SENTINELS"):
        service = read_url(locations[0].replace("+sentinel", "", 1)).addresses[0].host
        own = options.get("SENTINEL_KWARGS") or {}
        return _sentinel(locations[0], service, sentinels, own, options)
    if topology is Topology.CLUSTER or "+cluster" in locations[0]:
        nodes = [read_url(each.replace("+cluster", "", 1)) for each in locations]
        addresses = tuple(address for node in nodes for address in node.addresses)
        return _with_options(nodes[0], options, topology=Topology.CLUSTER, addresses=addresses)
    return _with_options(read_url(locations[0]), options)


def _sentinel(
    location: str,
    service: str,
    sentinels: Iterable[tuple[str, int]],
    own: Mapping[str, Any],
    options: dict[str, Any],
) -> Target:
    """Return a group of which the URL holds the database and the password."""
    return _with_options(
        read_url(location.partition("?")[0]),
        options,
        topology=Topology.SENTINEL,
        service=service,
        addresses=tuple(Address(str(host), int(port)) for host, port in sentinels),
        sentinel_login=login(own.get("username"), own.get("password")),
    )


def _with_options(target: Target, options: Mapping[str, Any], **more: Any) -> Target:
    """Add what the options say; as in redis-py the URL goes first."""
    for name in BEYOND:
        if options.get(name) is not None:
            raise SettingsError(f"OPTIONS has {name!r}, which is not understood here.")
    tls = target.tls
    if tls is not None:
        given = {name: value for name, value in options.items() if name.startswith("ssl_")}
        tls = read_tls(given, is_encrypted=True) if given else tls
    user, password = (options.get(name) for name in sorted(LOGIN_OPTIONS, reverse=True))
    values: dict[str, Any] = {
        "topology": target.topology,
        "addresses": target.addresses,
        "database": target.database or int(options.get("db") or 0),
        "login": target.login or login(user, password),
        "tls": tls,
    }
    return checked(Target(**(values | more)))


def _locations(settings: Mapping[str, Any]) -> list[str]:
    location = settings.get("LOCATION")
    if isinstance(location, str):
        location = [each for part in location.split(";") for each in part.split(",")]
    places = [str(each).strip() for each in location or [] if str(each).strip()]
    if not places:
        raise SettingsError("it has no LOCATION.")
    return [place if "://" in place else _plain(place) for place in places]


def _plain(place: str) -> str:
    """Return the URL of ``host:port``, as django-valkey's cluster takes nodes, too."""
    return f"redis://{read_address(place, REDIS_PORT)}"
