"""
Asks running servers what is wrong with them: PostgreSQL, Redis, brokers, web servers, this machine.

    from praxis.doctor import Target, examine

    examination = examine([Target.at("postgres", "postgresql://app@db/shop")])
    for finding in examination.findings:
        print(finding.where, finding.message)

Nothing is written, changed or locked on any of them.
"""

from praxis.doctor.examination import Examination, Unanswered, examine
from praxis.doctor.findings import Finding, Remedy
from praxis.doctor.limits import Limits
from praxis.doctor.registry import Check, checks, find_checks
from praxis.doctor.site import Site
from praxis.doctor.targets import Alias, Target

__all__ = [
    "Alias",
    "Check",
    "Examination",
    "Finding",
    "Limits",
    "Remedy",
    "Site",
    "Target",
    "Unanswered",
    "checks",
    "examine",
    "find_checks",
]
