"""The ways in which a module is run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mode:
    """
    Attributes:
        name: In tables and on the command line.
        cached: Whether every model is cached.
        commits: Whether `TestCase` commits what it writes and empties the tables afterwards. In
            its own transactions, which never commit, hardly anything may be read from the cache.
        verify_share: The share of hits that are compared with the database, whose rows are what
            the test gets.
        replays: Whether all that was put into the cache is asked for again after each write, and
            compared with the database.
        echoes: Whether what was put into the cache is taken out again at once, and is what the
            test gets.
        session_engine: Where sessions are kept; empty for Django's own choice.
    """

    name: str
    cached: bool
    commits: bool
    verify_share: float = 0.0
    replays: bool = False
    echoes: bool = False
    session_engine: str = ""

    @property
    def control(self) -> "Mode":
        """The same without what is under test."""
        return PLAIN_COMMITTED if self.commits else PLAIN


#: Django's own way.
PLAIN = Mode("plain", cached=False, commits=False)
PLAIN_COMMITTED = Mode("plain-committed", cached=False, commits=True)
#: What a site's own tests look like with the cache on.
WRAPPED = Mode("wrapped", cached=True, commits=False, echoes=True)
#: Hits are served, so that tests that count queries see fewer.
SERVED = Mode("served", cached=True, commits=True, echoes=True)
#: Every hit is compared and none is served: each test makes the queries that it expects.
VERIFIED = Mode("verified", cached=True, commits=True, verify_share=1.0, replays=True)

#: Every session of the tests in Redis.
SESSIONS = Mode("sessions", cached=False, commits=False, session_engine="praxis.sessions")

CACHED = {mode.name: mode for mode in (VERIFIED, SERVED, WRAPPED)}
MODES = {**CACHED, SESSIONS.name: SESSIONS}
