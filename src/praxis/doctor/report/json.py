"""The report for programs."""

import msgspec

from praxis import __version__
from praxis.doctor.examination import Examination

#: Raised when a key changes its meaning or goes.
VERSION = 1


def dump(examination: Examination) -> str:
    """The report as JSON; no password is in it."""
    document = {
        "version": VERSION,
        "praxis": __version__,
        "servers": [
            {
                "server": target.server,
                "where": target.where,
                "names": target.names,
                "uses": sorted(target.uses),
                "reached": target.where in examination.reached,
            }
            for target in examination.targets
        ],
        "findings": [
            {
                "code": finding.code,
                "check": finding.check,
                "severity": finding.severity,
                "where": finding.where,
                "message": finding.message,
                "evidence": [{"name": name, "value": value} for name, value in finding.evidence],
                "remedies": finding.remedies,
            }
            for finding in examination.findings
        ],
        "unanswered": examination.unanswered,
        "asked": examination.asked_count,
        "left_out": examination.left_out_count,
        "duration_s": round(examination.duration_s, 3),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
