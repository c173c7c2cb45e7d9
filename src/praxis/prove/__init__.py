"""
Measure the difference: two versions of a site, the same pages, the same data, one report.

Each `Site` runs under gunicorn; `compare` asks both in turn; `write_report` makes the page.
"""

from praxis.prove.comparison import Comparison, PageResult, compare
from praxis.prove.load import Page, Sample
from praxis.prove.report import write_report
from praxis.prove.site import Site

__all__ = ["Comparison", "Page", "PageResult", "Sample", "Site", "compare", "write_report"]
