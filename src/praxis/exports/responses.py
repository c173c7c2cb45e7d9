"""Exports as responses of Django's, for WSGI and ASGI alike."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Iterator
from typing import Any

from asgiref.sync import SyncToAsync
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from praxis.exports.columns import Columns
from praxis.exports.feeding import fed
from praxis.exports.formats import CsvFormat, JsonFormat
from praxis.exports.reading import Export, prepare, read
from praxis.exports.stopping import Stop

logger = logging.getLogger("praxis.exports")


def stream_csv(
    queryset: object,
    columns: Columns = None,
    *,
    filename: str | None = None,
    labels: bool | Collection[str] = False,
    delimiter: str = ",",
    null: str = "",
    header: bool = True,
    bom: bool = False,
    escape_formulas: bool = True,
    timeout_s: float | None = None,
    inline: bool = False,
) -> "ExportResponse":
    r"""
    Answer with the rows as CSV, in UTF-8 with ``\n`` at the ends of lines, as they are read.

    Aware datetimes are shown in the time zone that is current now, as ISO 8601; booleans as
    ``true`` and ``false``; JSON and arrays as JSON; bytes as base64. Nothing is asked before the
    response is sent, and no more than a few hundred KB are in memory.

    Args:
        queryset: Any but ``raw()``: filtered, annotated, sliced, combined, ``values()``.
        columns: Names of fields, lookups (``customer__email``) and annotations; a dict gives each
            the header to show. None for what ``values()`` says, else every column of the table.
        filename: For the client to save it; the model's name if None.
        labels: Whether choices are shown by their labels, in the language that is active now; or
            the names of the columns where they are.
        delimiter: One ASCII character. ``;`` where Excel's decimals have commas.
        null: What stands for NULL. An empty text is written ``""``.
        header: Whether the first line names the columns.
        bom: Start with a byte order mark, without which Excel takes UTF-8 for something else.
        escape_formulas: Put an apostrophe before texts that a spreadsheet would take for formulas.
        timeout_s: ``statement_timeout`` of this export on PostgreSQL; None for what is set there.
        inline: Let a browser show it instead of saving it.

    Raises:
        ExportError: if that cannot be exported; it says why. It is raised here, while a view can
            still answer otherwise.
    """
    form = CsvFormat(
        delimiter=delimiter,
        null=null,
        header=header,
        bom=bom,
        escape_formulas=escape_formulas,
    )
    export = prepare(queryset, columns, labels, form, timeout_s)
    return ExportResponse(export, filename=filename, inline=inline)


def stream_ndjson(
    queryset: object,
    columns: Columns = None,
    *,
    filename: str | None = None,
    labels: bool | Collection[str] = False,
    timeout_s: float | None = None,
    inline: bool = False,
) -> "ExportResponse":
    """
    Answer with an object of JSON for each row, a line each, as they are read.

    As `stream_csv`; decimals, dates and times are strings.
    """
    export = prepare(queryset, columns, labels, JsonFormat(), timeout_s)
    return ExportResponse(export, filename=filename, inline=inline)


class ExportResponse(StreamingHttpResponse):
    """
    A response that is sent while it is read, by a thread of its own where a coroutine sends it.

    An error in the middle is logged and raised, so that the server cuts the connection: with
    chunked encoding, and with HTTP/2, the client then knows that it has not got everything.
    """

    def __init__(self, export: Export, *, filename: str | None, inline: bool) -> None:
        parts = Parts(export)
        super().__init__(parts, content_type=export.form.content_type)
        self._parts = parts
        # For middleware, which has to choose before anybody reads.
        self.is_async = _serves_async()
        self._iterator = parts
        if filename is None:
            filename = f"{export.queryset.model._meta.model_name}.{export.form.extension}"
        disposition = content_disposition_header(not inline, filename)
        if disposition is not None:
            self["Content-Disposition"] = disposition
        self["X-Accel-Buffering"] = "no"  # nginx would keep what it can, and hide that it broke
        self["Cache-Control"] = "no-store"

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts) if self._iterator is self._parts else super().__iter__()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._parts) if self._iterator is self._parts else super().__aiter__()


class Parts:
    """What is sent, for whoever reads it first: a loop or a coroutine."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._stop = Stop()
        self._reading: Iterator[bytes] | None = None
        self._sent = 0

    def __iter__(self) -> Iterator[bytes]:
        if self._reading is None:
            self._reading = self._logged()
        return self._reading

    async def __aiter__(self) -> AsyncIterator[bytes]:
        feeding = fed(self._read, self._export.queryset.db)
        try:
            async for part in feeding:
                self._sent += len(part)
                yield part
        except Exception as error:
            self._log(error)
            raise
        finally:
            await feeding.aclose()  # type: ignore[attr-defined]

    def close(self) -> None:
        """End it, whether all was read or not."""
        if self._reading is None:
            self._stop.set()  # of the thread, which may be waiting for the server
        else:
            self._reading.close()  # type: ignore[attr-defined]

    def _read(self, stop: Stop) -> Iterator[bytes]:
        self._stop = stop
        return read(self._export, stop)

    def _logged(self) -> Iterator[bytes]:
        reading = read(self._export, self._stop)
        try:
            for part in reading:
                self._sent += len(part)
                yield part
        except Exception as error:
            self._log(error)
            raise
        finally:
            reading.close()  # type: ignore[attr-defined]

    def _log(self, error: Exception) -> None:
        logger.error(
            "The export of %s broke off after %d bytes: %s: %s",
            self._export.queryset.model._meta.label,
            self._sent,
            type(error).__name__,
            error,
        )


def _serves_async() -> bool:
    """Whether a coroutine is going to send what this view answers."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        threadlocal: Any = SyncToAsync.threadlocal  # of a view in a thread of an ASGI server's
        loop = getattr(threadlocal, "main_event_loop", None)
        return loop is not None and loop.is_running()  # else of something that is over
    return True
