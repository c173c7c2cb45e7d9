"""Who is told of what COPY has written, since no statement of it is seen."""

from collections.abc import Sequence

from django.db.models import Model

from praxis.committed import Kind, note
from praxis.databases.scopes import wrote


def tell(
    model: type[Model], kind: Kind, *, using: str, fields: Sequence[str] | None = None
) -> None:
    """
    Tell those who watch the model, not which rows; and who reads from replicas, to wait for them.

    Args:
        model: What was written.
        kind: What became of the rows.
        using: The alias of the database.
        fields: What was set; None for all fields.
    """
    note(model, kind, using=using, fields=fields)
    wrote(using)
