"""
Querysets as CSV and NDJSON, streamed in constant memory.

    from praxis.exports import stream_csv

    def orders(request):
        return stream_csv(Order.objects.filter(paid=True), ["number", "customer__email", "total"])

On PostgreSQL the server makes the text itself (``COPY (query) TO STDOUT``); elsewhere, and for
columns that only Python can show, rows are fetched in parts. The bytes are the same.
"""

from praxis.errors import ExportBrokenError, ExportError
from praxis.exports.files import write_csv, write_ndjson
from praxis.exports.responses import ExportResponse, stream_csv, stream_ndjson

__all__ = [
    "ExportBrokenError",
    "ExportError",
    "ExportResponse",
    "stream_csv",
    "stream_ndjson",
    "write_csv",
    "write_ndjson",
]
