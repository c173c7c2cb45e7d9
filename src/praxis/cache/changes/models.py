"""The table. The cache itself reads and writes it past the ORM: see `table`."""

from django.db import models

from praxis.cache.changes.table import TABLE


class Change(models.Model):
    """
    Word of one write.

    Attributes:
        table_name: What was written to, by the name that the cache has for it; empty for a hold.
        conditions: What the rows meet or met, as JSON; NULL where any row may have been written.
        hold_ms: Of a hold, for how long no look counts.
        made_at: When it was made, by the clock of the database.
    """

    table_name = models.TextField()
    conditions = models.TextField(null=True)
    hold_ms = models.IntegerField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = TABLE

    def __str__(self) -> str:
        return self.table_name or "hold"
