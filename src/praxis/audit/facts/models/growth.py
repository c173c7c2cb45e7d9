"""Which tables grow by being used: those whose rows say when they came, or whose they are."""

from praxis.audit.facts.models.indexes import ModelTable
from praxis.audit.facts.models.model_index import ModelIndex

_CAME = frozenset({
    "added", "created", "creation", "date", "joined", "logged", "ordered", "placed", "posted",
    "published", "received", "sent", "submitted", "timestamp", "uploaded",
})  # fmt: skip
_TIMES = frozenset({"DateField", "DateTimeField"})


def grows(table: ModelTable, index: ModelIndex) -> bool:
    """Whether the code shows that the table gets more rows the longer the site runs."""
    user = index.user
    for name, (_, found) in table.fields.items():
        if table.kind(name) in _TIMES:
            options = found.options
            if options.get("auto_now_add") or _CAME & set(name.lower().split("_")):
                return True
            if str(options.get("default")).endswith("timezone.now"):
                return True
        relation = table.model.relations.get(name)
        if relation is not None and user is not None and relation.target == user.key:
            return True
    return False
