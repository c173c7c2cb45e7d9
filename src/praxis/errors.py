"""Every exception that Praxis raises on purpose. Messages say what, where, and the next step."""


class PraxisError(Exception):
    """The root: catch this to catch whatever Praxis raises on purpose."""


class SettingsError(PraxisError):
    """``settings.PRAXIS`` holds an unknown key or a value of the wrong type."""


class ProjectError(PraxisError):
    """The path to audit holds nothing that can be audited."""


class ConfigError(PraxisError):
    """``[tool.praxis]`` in ``pyproject.toml``, a baseline or an option is not valid."""


class FixError(PraxisError):
    """A file could not be rewritten; it is as it was."""


class ServerError(PraxisError):
    """An embedded server was not found, did not start, or ended by itself."""


class MeasureError(PraxisError):
    """A site under measurement did not start, or did not answer as it should."""


class MissingLibraryError(PraxisError):
    """A verb needs a library that is not installed; the message names the extra that has it."""


class RedisUnavailableError(PraxisError):
    """
    Redis or Valkey did not do what was asked, for a reason that may pass.

    Attributes:
        may_have_run: False if it is certain that the server did not do it; else nobody knows.
        alias: The server's name in the settings.
        address: ``host:port`` or the path of a socket; empty where none was chosen yet.
        timed_out: Whether the timeout was waited in vain; else it failed at once.
    """

    def __init__(
        self,
        message: str,
        *,
        may_have_run: bool,
        alias: str = "default",
        address: str = "",
        timed_out: bool = False,
    ) -> None:
        super().__init__(message)
        self.may_have_run = may_have_run
        self.timed_out = timed_out
        self.alias = alias
        self.address = address


class RedisRefusedError(RedisUnavailableError):
    """
    The server answered that it cannot do this now, or not for us; it did nothing.

    Attributes:
        code: The first word of its answer: ``LOADING``, ``READONLY``, ``OOM``, ``WRONGPASS``, …
    """

    def __init__(
        self, message: str, *, code: str, alias: str = "default", address: str = ""
    ) -> None:
        super().__init__(message, may_have_run=False, alias=alias, address=address)
        self.code = code


class TooFewReplicasError(RedisUnavailableError):
    """The server did what was asked, and fewer replicas than demanded have it so far."""


class IncarnationChangedError(RedisUnavailableError):
    """The connection that a session stood for has ended; nothing was sent on any other."""


class RedisReplyError(PraxisError):
    """
    The server refused a command as wrong, or a script failed: repeating it gives the same.

    A script may have written before it failed.

    Attributes:
        code: The first word of the answer: ``WRONGTYPE``, ``NOPERM``, ``ERR``, …
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class RedisKeysError(PraxisError):
    """The keys of one call belong to different nodes of a cluster; nothing was sent."""


class CacheUnavailableError(PraxisError):
    """A write was refused, because readers of the cache could not be kept off it."""


class QueryError(PraxisError):
    """A query that is to be explained is none, or fails; nothing was written."""


class NotCacheableError(PraxisError, TypeError):
    """An argument that cannot name a kept result, or a result that cannot be kept."""


class DimensionError(PraxisError):
    """A kept result is to vary on something that is not declared, or that cannot be told here."""


class RateError(PraxisError, ValueError):
    """A rate, an algorithm, a key or a cost that means nothing."""


class RateLimitedError(PraxisError):
    """
    Something happens more often than its limiter allows; it was not done.

    Attributes:
        name: Of the limiter.
        retry_after_s: Seconds until it may be tried again; infinity if it never may.
        decision: Of the limiter, with the state of each of its limits; None of others.
    """

    def __init__(self, name: str, retry_after_s: float, decision: object = None) -> None:
        super().__init__(f"{name} is over its limit. Try again in {retry_after_s:.1f} seconds.")
        self.name = name
        self.retry_after_s = retry_after_s
        self.decision = decision


class LockTimeoutError(PraxisError, TimeoutError):
    """A lock was not free within the time that was given for it."""


class LockLostError(PraxisError):
    """A lock is not held any more, though its holder was not done."""


class SessionValueError(PraxisError, ValueError):
    """A value that a session cannot keep, or a session that is too long."""


class UnreachableError(PraxisError):
    """A server to be examined was not reached, or let nobody in; the message is one line."""


class NotAnsweredError(PraxisError):
    """A server that is examined did not answer one question: no right, no time, or it is gone."""


class RankingError(PraxisError, ValueError):
    """A board, a member, a score or a number that means nothing; nothing was written."""


class RankingStateError(PraxisError):
    """What Redis has under the keys of a board is not a board, or a rebuilding was taken over."""


class ChannelError(PraxisError, ValueError):
    """A channel that is not declared, or that has no valid name."""


class EventValueError(PraxisError, ValueError):
    """An event that cannot be written as JSON, or is too long; it was not published."""


class RealtimeSetupError(PraxisError):
    """Events cannot be pushed from here: the site does not run under ASGI, or is not set up."""
