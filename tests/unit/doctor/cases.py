"""An examination as it may come out, with hostile text where servers may put it."""

from praxis.audit.findings import Severity
from praxis.doctor import Examination, Finding, Remedy, Target, Unanswered

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"


def examination():
    target = Target.at("redis", "redis://:secret-word@cache:6379/0", name="CACHES['default']")
    return Examination(
        targets=[target],
        reached=[target.where],
        findings=[
            Finding(
                message=f"Wrong: {HOSTILE}",
                evidence=(("a name", HOSTILE), ("maxmemory", "0")),
                remedies=(Remedy("redis-cli", f"CONFIG SET a {HOSTILE}\nCONFIG REWRITE"),),
                severity=Severity.ERROR,
                code="CACHE112",
                check="eviction",
                where=target.where,
            )
        ],
        unanswered=[Unanswered(target.where, "big_keys", "no right to SCAN")],
        asked_count=3,
        left_out_count=2,
        duration_s=1.25,
    )
