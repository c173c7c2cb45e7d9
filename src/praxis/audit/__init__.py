"""
The auditor: reads a project's files, imports nothing of them, and says what holds the site back.

A rule needs no more than the names below.
"""

from praxis.audit.file import File
from praxis.audit.findings import (
    Confidence,
    Cost,
    Edit,
    Finding,
    Fix,
    Place,
    Safety,
    Severity,
    Step,
)
from praxis.audit.project import Project
from praxis.audit.registry import rule

__all__ = [
    "Confidence",
    "Cost",
    "Edit",
    "File",
    "Finding",
    "Fix",
    "Place",
    "Project",
    "Safety",
    "Severity",
    "Step",
    "rule",
]
