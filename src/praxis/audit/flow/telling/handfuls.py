"""Rows of which there are few, as far as names tell."""

import re
from dataclasses import replace

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.growth import grows
from praxis.audit.facts.models.indexes import ModelTable, Tables
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.models.turned_flags import TURNED_FLAGS
from praxis.audit.flow.events import QueryPerRound, RelationsRead
from praxis.audit.flow.interpreter.amounts import HANDFUL
from praxis.audit.project import Project

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
#: What one thing or person has one, two or three of, by the last word of the model's name.
_FEW = frozenset({
    "address", "addresses", "alias", "attachment", "choice", "domain", "email", "guardian",
    "image", "interface", "ip", "language", "nic", "option", "parameter", "parent", "phone",
    "photo", "picture", "preference", "role", "setting", "settings", "translation", "variant",
    "website",
})  # fmt: skip
#: What a project has a few of, however long it runs.
_OPTIONS = frozenset({
    "backend", "categories", "category", "channel", "config", "configuration", "connection",
    "definition", "integration", "kind", "level", "menu", "menus", "mode", "module", "modules",
    "option", "plan", "plugin", "policy", "provider", "role", "rule", "schedule", "server",
    "setting", "settings", "source", "stage", "status", "step", "sync", "template", "templates",
    "tier", "type", "workflow",
})  # fmt: skip
#: Whose there are few of, by the first word: ``AdminCharacter``.
_OF_FEW = frozenset({"admin", "default", "global", "system"})


def is_handful(event: RelationsRead) -> bool:
    """Whether the rows are those of one other row, say, and their name tells that they are few."""
    return event.few and bool(_FEW.intersection(_words(event.model)[-1:]))


def _words(model: Key) -> list[str]:
    return [word.lower() for word in _WORDS.findall(model[1])]


#: What a note says of such rows, or of a loop's rounds.
MAY_BE_FEW = ", of which there may be few"


def are_few(project: Project, event: RelationsRead) -> bool:
    """Whether there may be a handful of rows, by what they are asked by, or what they are of."""
    if event.limit is not None and event.limit > HANDFUL and event.kind != "admin":
        return False  # what is cut to pages is longer; the admin cuts everything
    return (
        event.few
        or _are_left(project, event)
        or stays_small(project, event.model)
        or is_queue(project, event)
    )


_SET = re.compile(r"\.(\w+)[ \t]*=(?!=)")
_ASKED = re.compile(r"\b([a-zA-Z]\w*?)(?:__\w+)?[ \t]*=(?!=)")


def is_queue(project: Project, event: RelationsRead | QueryPerRound) -> bool:
    """
    Whether the loop sets what its query asks for: each row is dealt with once.

    As in ``for parcel in Parcel.objects.filter(route=None): parcel.route = …``.
    """
    if isinstance(event, RelationsRead) and event.kind:
        return False
    text = project.text(event.path)
    set_there = set(_SET.findall(text, *event.loop))
    if not set_there:
        return False
    queries = [text[event.iterated[0] : event.iterated[1]]]
    if isinstance(event, RelationsRead):
        queries += [project.text(site.path)[site.start : site.end] for site in event.origins]
    return any(
        name in set_there
        for query in queries
        for match in _CONDITIONS.finditer(query)
        for name in _ASKED.findall(query, match.end())
    )


_CONDITIONS = re.compile(r"\.(?:exclude|filter)\(")


def _are_left(project: Project, event: RelationsRead) -> bool:
    """
    Whether the rows are those of which a flag has not been turned yet, that the code turns.

    Unless most rows stay as they are: ``deleted=False``, ``published=True``.
    """
    turned = project.derive(_Turned)
    return any(
        name in (turned.off if value else turned.on)
        and not (_STAYS_ON if value else _STAYS_OFF).search(name)
        for name, value in event.flags
    )


_STAYS_OFF = re.compile(
    r"(?:^|_)(?:anonymous|archived|bann?ed|blocked|bot|cancell?ed|deactivated|default|deleted"
    r"|disabled|discarded|draft|expired|external|featured|hidden|ignored|inactive|internal|locked"
    r"|main|muted|obsolete|pinned|primary|private|protected|public|rejected|removed|retired"
    r"|revoked|selected|spam|staff|sticky|superuser|suspended|system|template|test|trashed|void"
    r"|withdrawn)(?:_|$)"
)
_STAYS_ON = re.compile(
    r"(?:^|_)(?:accepted|active|allow(?:ed|s)?|approved|available|can|completed|confirmed|default"
    r"|done|enabled|finished|has|listed|live|member|open|paid|public|published|sent|shown|staff"
    r"|subscribed|use|valid|validated|verified|visible)(?:_|$)"
)


#: So many foreign keys are followed to a table that grows.
_MAX_KEYS = 3


def stays_small(project: Project, model: Key) -> bool:
    """Whether the code shows no way in which the table gets many rows, as those of options do."""
    known = project.derive(_Known).small
    if model not in known:
        known[model] = _stays_small(project, model)
    return known[model]


def _stays_small(project: Project, model: Key) -> bool:
    words = _words(model)
    if _OPTIONS.intersection(words[-1:]) or _OF_FEW.intersection(words[:1]):
        return True
    return not _gets_many(project, model, _MAX_KEYS)


def _gets_many(project: Project, key: Key, hops: int) -> bool:
    """Whether the table grows by itself, or by the rows of another one that each have some."""
    index = project.derive(ModelIndex)
    model, table = index.model(key), project.derive(Tables).of(key)
    if model is None:
        return False  # as far as anybody knows
    if model is index.user or (table is not None and _grows(project, table)):
        return True
    return hops > 0 and any(
        relation.to_one
        and relation.has_column
        and relation.target is not None
        and relation.target != key
        and not _NOTED.fullmatch(name)
        and _gets_many(project, relation.target, hops - 1)
        for name, relation in model.relations.items()
    )


#: Who made or changed a row, and when: any table may tell that.
_NOTED = re.compile(
    r"(?:(?:last_)?(?:add|chang|creat|edit|modifi|updat)ed(?:_(?:at|by|date|on|time))?"
    r"|(?:date|time)_(?:added|created)|created?_?(?:date|time|datetime)|creator|creation_date)"
)


_LINKS = frozenset({"ForeignKey", "OneToOneField"})


def _grows(project: Project, table: ModelTable) -> bool:
    """Whether it does by what its own fields say; see `_Noted` for those that may say nothing."""
    known = project.derive(_Known).grows
    key = table.model.key
    if key not in known:
        known[key] = _grows_by_fields(project, table)
    return known[key]


def _grows_by_fields(project: Project, table: ModelTable) -> bool:
    passed_over = project.derive(_Noted).passed_over
    fields = {
        name: found
        for name, found in table.fields.items()
        if not _NOTED.fullmatch(name) or not (passed_over or table.kind(name) in _LINKS)
    }
    return grows(replace(table, fields=fields), project.derive(ModelIndex))


class _Known:
    """What was found out of models: many events are about the same few."""

    def __init__(self, _: Project) -> None:
        self.small: dict[Key, bool] = {}
        self.grows: dict[Key, bool] = {}


class _Turned:
    """The flags that the project turns on, and off."""

    def __init__(self, project: Project) -> None:
        facts = project.facts(TURNED_FLAGS).values()
        self.on = {name for fact in facts for name in fact.on}
        self.off = {name for fact in facts for name in fact.off}


class _Noted:
    """Whether most tables tell when their rows were made: then that tells of none that it grows."""

    def __init__(self, project: Project) -> None:
        tables = project.derive(Tables)
        known = [tables.of(key) for key in project.derive(ModelIndex).models]
        found = [any(map(_NOTED.fullmatch, table.fields)) for table in known if table is not None]
        self.passed_over = sum(found) > len(found) / 2
