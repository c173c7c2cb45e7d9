"""
Very many rows at once, in constant memory.

    from praxis.databases.bulk import CsvRows, bulk_load

    bulk_load(Product, CsvRows(file), on_conflict="update", match=["sku"])

On PostgreSQL rows go in by COPY; elsewhere by ``bulk_create`` in parts. No signals are sent and
``save()`` is not called.
"""

from praxis.databases.bulk.csv_rows import CsvRows
from praxis.databases.bulk.loading import Loaded, bulk_load
from praxis.databases.bulk.updating import bulk_update
from praxis.errors import BulkLoadError

__all__ = ["BulkLoadError", "CsvRows", "Loaded", "bulk_load", "bulk_update"]
