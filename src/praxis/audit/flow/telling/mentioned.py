"""
Every name that stands in code which rows may get into: what is not among them, nothing reads.

The code is taken whole, whatever it does with the rows: a function, a template with all that it
includes and extends, and of each model that they lead to the methods that are named there.
"""

import re

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.model_index import (
    GENERIC_MANY,
    ONE,
    REVERSE,
    REVERSE_ONE,
    Model,
    ModelIndex,
)
from praxis.audit.facts.templates.tag_index import TagIndex
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.ir import nodes
from praxis.audit.flow.interpreter.program import Program
from praxis.audit.project import Project

_WORD = re.compile(r"\w+")
#: What Python and Django call by themselves.
_ALWAYS = frozenset({
    "__bool__", "__eq__", "__getattr__", "__hash__", "__html__", "__init__", "__iter__", "__len__",
    "__repr__", "__str__", "from_db",
})  # fmt: skip
_HOLDS = frozenset({GENERIC_MANY, ONE, REVERSE, REVERSE_ONE})
_EAGER = frozenset({"select_related", "prefetch_related"})
#: Tags that read nothing of what they are given but the value itself.
_PLAIN_TAGS = frozenset({
    "autoescape", "blocktranslate", "blocktrans", "csrf_token", "get_current_language", "lorem",
    "now", "querystring", "static", "templatetag", "trans", "translate", "url", "widthratio",
    "cache", "spaceless", "filter", "firstof", "cycle", "ifchanged", "get_static_prefix",
    "get_media_prefix", "localize", "localtime", "timezone", "language", "comment", "verbatim",
})  # fmt: skip
_PLAIN_NAMES = frozenset({
    "block", "csrf_token", "False", "forloop", "form", "LANGUAGE_CODE", "messages", "None", "page",
    "page_obj", "paginator", "perms", "request", "True", "user", "view",
})  # fmt: skip


class Mentioned:
    """The names so far; *lost* once some of the code cannot be read."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._index = project.derive(ModelIndex)
        self._program = project.derive(program_of)
        self._tags = project.derive(TagIndex)
        self._templates: set[str] = set()
        self._files: set[str] = set()
        self._macros: set[str] = set()
        self._members: set[tuple[Key, str]] = set()
        self.names: set[str] = set(_ALWAYS)
        self.lost = False

    def add_code(self, root: object) -> None:
        """Whatever stands in *root*, but for what its queries load."""
        passed: set[int] = set()
        for node in nodes(root):
            if id(node) in passed:
                continue
            match node:
                case ir.Call(function=ir.Attr(attr=name)) if name in _EAGER:
                    passed |= {id(inner) for inner in nodes(node.args)}
                case ir.Call(function=ir.Name(id="getattr"), args=(_, second, *_)):
                    self.lost = self.lost or not isinstance(second, ir.Const)
                case ir.Attr(attr=name) | ir.Lookup(name=name) | ir.Filter(name=name):
                    self.names.add(name)
                case ir.Const(value=str(text)):
                    self.names.update(_WORD.findall(text))
                case ir.Regroup(path=path):
                    self.names.update(path)

    def add_template(self, name: str, asking: str) -> None:
        """The template, with what it includes and extends."""
        found = self._program.templates.find(name, asking)
        if not found:
            self.lost = True
        for path in found:
            self._add_template(path)

    def _add_template(self, path: str) -> None:
        code = self._program.template(path)
        if code is None or path in self._templates:
            self.lost = self.lost or (code is None and not self._is_empty(path))
            return
        self._templates.add(path)
        self.add_code(code.body)
        self._macros |= {node.name for node in code.body if isinstance(node, ir.Def)}
        if code.extends is not None:
            self._other(code.extends, path, needed=False)
        for node in nodes(code.body):
            if isinstance(node, ir.Include | ir.TemplateImport):
                self._other(node.name, path, needed=True)
            elif isinstance(node, ir.Tag):
                self._tag(node, code, path)
            elif isinstance(node, ir.Filter):
                self._filter(node, code, path)
            elif isinstance(node, ir.Call) and isinstance(node.function, ir.Name):
                self._global(node, node.function.id, path)

    def _is_empty(self, path: str) -> bool:
        return "{" not in self._project.text(path)

    def _other(self, name: ir.Expr, asking: str, *, needed: bool) -> None:
        if not (isinstance(name, ir.Const) and isinstance(name.value, str)):
            self.lost = True
            return
        found = self._program.templates.find(name.value, asking, extending=not needed)
        self.lost = self.lost or (needed and not found)
        for path in found:
            self._add_template(path)

    def _tag(self, tag: ir.Tag, code: ir.TemplateCode, path: str) -> None:
        known = self._tags.find_tag(tag.name, code.libraries, path)
        if known is not None:
            self._add_file(known.path)
            if known.template:
                self.add_template(known.template, path)
        elif tag.name not in _PLAIN_TAGS:
            values = (*tag.args, *(value for _, value in tag.keywords))
            self.lost = self.lost or any(_is_row_perhaps(one) for one in values)

    def _filter(self, node: ir.Filter, code: ir.TemplateCode, path: str) -> None:
        known = (
            self._tags.find_jinja_filter(node.name, path)
            if code.jinja
            else self._tags.find_filter(node.name, code.libraries, path)
        )
        if known is not None:
            self._add_file(known.path)

    def _global(self, call: ir.Call, name: str, path: str) -> None:
        known = self._tags.find_global(name, path)
        if known is not None:
            self._add_file(known.path)
        elif name not in self._macros and any(_is_row_perhaps(one) for one in call.args):
            self.lost = True

    def _add_file(self, path: str) -> None:
        if path in self._files:
            return
        self._files.add(path)
        unit = self._program.unit(path)
        if unit is not None:
            self.add_code(unit.code.body)

    def close(self, model: Key) -> None:
        """
        What the named methods of the model name themselves, and so on.

        Models whose rows hold the row count as well, if a named relation leads to them.
        """
        reached = {model}
        before = -1
        while before != len(self.names) + len(reached) and not self.lost:
            before = len(self.names) + len(reached)
            for key in list(reached):
                found = self._index.model(key)
                if found is None or not found.complete or self._is_shaped(found):
                    self.lost = True
                    return
                reached |= self._targets(found)
                for name in found.members & self.names:
                    self._add_member(key, name)

    def _is_shaped(self, model: Model) -> bool:
        """Whether a decorator or a metaclass may give the model more than its body shows."""
        classes = self._index.names.classes
        return any(classes[key].shaped for key in (model.key, *model.ancestors) if key in classes)

    def _targets(self, model: Model) -> set[Key]:
        """Models whose rows, reached by a named relation, hold the row that they hang on."""
        return {
            relation.target
            for name, relation in model.relations.items()
            if name in self.names and relation.kind in _HOLDS and relation.target is not None
        }

    def _add_member(self, key: Key, name: str) -> None:
        if (key, name) in self._members:
            return
        self._members.add((key, name))
        for base in self._program.line(key):
            member = self._program.member(base, name) if isinstance(base, tuple) else None
            if member is not None and isinstance(member.node, ir.Def):
                self.add_code(member.node.body)


def _is_row_perhaps(value: ir.Expr) -> bool:
    return isinstance(value, ir.Name) and value.id not in _PLAIN_NAMES


def program_of(project: Project) -> Program:
    """The code of the project, for rules that look it up."""
    return Program(project, project.derive(ModelIndex))
