"""
The tags, filters and globals that a Python file makes known to templates.

Django's are put into a ``Library()``; those of Jinja into the ``globals`` and ``filters`` of an
environment, or into the library of django-jinja. Settings may make libraries known to every
template.
"""

import ast
import re
from operator import itemgetter

from msgspec import Struct

from praxis.audit.file import File
from praxis.audit.summary import Fact

SIMPLE, INCLUSION, SIMPLE_BLOCK = "simple_tag", "inclusion_tag", "simple_block_tag"
#: A tag that parses its own words: what it gives nobody knows.
TAG = "tag"
FILTER, GLOBAL, TEST = "filter", "global", "test"


class TemplateTag(Struct, frozen=True, array_like=True):
    """
    One name that templates may use.

    Attributes:
        name: As templates write it.
        kind: One of the constants above.
        function: The function or class, by its name in the file or, if imported, the dotted name
            that it is imported by (with leading dots if relative); empty where not known.
        template: What an inclusion tag renders; empty where not known.
        takes_context: Whether the first argument is the context.
        jinja: Whether it is one of Jinja's.
    """

    name: str
    kind: str
    function: str
    template: str = ""
    takes_context: bool = False
    jinja: bool = False


class TemplateTags(Struct, frozen=True, array_like=True):
    """
    What one file makes known.

    Attributes:
        tags: In source order: later ones replace earlier ones.
        bases: Modules, by their dotted names, whose library this one goes on with.
        builtins: Dotted names of libraries that settings make known to every template.
        libraries: Names that settings give to libraries, with the dotted names of these.
    """

    tags: tuple[TemplateTag, ...] = ()
    bases: tuple[str, ...] = ()
    builtins: tuple[str, ...] = ()
    libraries: tuple[tuple[str, str], ...] = ()


#: A file without any of these is passed over unread; most are.
_SIGNS = (
    "Library(", "register.", "django_jinja", ".globals", ".filters[", ".filters.update(", ".tests[",
    ".tests.update(", "builtins", "libraries",
)  # fmt: skip
_KINDS = {
    "simple_tag": SIMPLE, "assignment_tag": SIMPLE, "inclusion_tag": INCLUSION, "filter": FILTER,
    "simple_block_tag": SIMPLE_BLOCK, "tag": TAG, "global_function": GLOBAL, "test": TEST,
    "filter_function": FILTER, "tag_function": TAG,
}  # fmt: skip
#: Kinds whose first argument may be the name.
_NAMED_FIRST = frozenset({FILTER, TAG, GLOBAL, TEST})
_ENVIRONMENT = {"globals": GLOBAL, "filters": FILTER, "tests": TEST}
_DJANGO_JINJA = "django_jinja.library"
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def find_tags(file: File) -> TemplateTags | None:
    """What the file makes known; None for the many files that say nothing of templates."""
    if not any(sign in file.text for sign in _SIGNS):
        return None
    found = _Search(file).run()
    return found if found != TemplateTags() else None


TEMPLATE_TAGS = Fact("template_tags", TemplateTags, find_tags)


class _Search:
    def __init__(self, file: File) -> None:
        self._file = file
        self._tags: list[tuple[int, TemplateTag]] = []
        self._bases: list[str] = []
        self._builtins: list[str] = []
        self._libraries: list[tuple[str, str]] = []
        #: Names of libraries, and whether they are Jinja's.
        self._registers: dict[str, bool] = {}
        self._classes: dict[str, ast.ClassDef] = {}
        #: Calls that were looked into as a part of another registration.
        self._done: set[ast.expr] = set()

    def run(self) -> TemplateTags:
        nodes = list(ast.walk(self._file.tree))
        for node in nodes:
            self._note(node)
        self._note_imports()
        for node in nodes:
            match node:
                case ast.FunctionDef(name=name, decorator_list=decorators):
                    for decorator in decorators:
                        self._decorated(decorator, name)
                case ast.ClassDef(name=name, decorator_list=decorators):
                    for decorator in decorators:
                        self._decorated(decorator, name)
                case ast.Call(func=ast.Attribute() | ast.Call()) if node not in self._done:
                    self._called(node)
                case ast.Assign(targets=[ast.Subscript() as target], value=value):
                    self._assigned(target, value)
                case ast.Dict():
                    self._configured(node)
        tags = tuple(tag for _, tag in sorted(self._tags, key=itemgetter(0)))
        return TemplateTags(tags, tuple(self._bases), tuple(self._builtins), tuple(self._libraries))

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=ast.Call(func=made)):
                if _last_part(made) == "Library":
                    self._registers[name] = False
            case ast.ClassDef(name=name):
                self._classes[name] = node

    def _note_imports(self) -> None:
        for imported in self._file.imports:
            if imported.target == _DJANGO_JINJA:
                self._registers[imported.bound] = True
            elif imported.bound == "register" and imported.name:
                self._registers.setdefault("register", False)
                self._bases.append(f"{'.' * imported.level}{imported.module}")

    # Libraries.

    def _decorated(self, decorator: ast.expr, function: str) -> None:
        """``@register.kind`` and ``@register.kind(…)``."""
        self._done.add(decorator)
        options = decorator if isinstance(decorator, ast.Call) else None
        method = options.func if options is not None else decorator
        self._register(method, options, ast.Name(function), decorator.lineno)

    def _called(self, call: ast.Call) -> None:
        """``register.kind("name", function)`` and ``register.kind(…)(function)``."""
        match call:
            case ast.Call(func=ast.Call(func=ast.Attribute() as method) as options, args=[made]):
                self._done.add(options)
                self._register(method, options, made, call.lineno)
            case ast.Call(func=ast.Attribute(ast.Attribute(attr=kind), "update")):
                if kind in _ENVIRONMENT:
                    self._updated(_ENVIRONMENT[kind], call)
            case ast.Call(func=method, args=args, keywords=keywords):
                functions = [word.value for word in keywords if word.arg in _FUNCTION_WORDS]
                functions += [given for given in args if not isinstance(given, ast.Constant)]
                if functions:
                    self._register(method, call, functions[-1], call.lineno)

    def _register(
        self, method: ast.expr, options: ast.Call | None, function: ast.expr, line: int
    ) -> None:
        match method:
            case ast.Attribute(ast.Name(register), called) if register in self._registers:
                kind = _KINDS.get(called)
            case _:
                kind = None
        if kind is None:
            return
        words = {} if options is None else {word.arg: word.value for word in options.keywords}
        args = [] if options is None else options.args
        name = words.get("name")
        if name is None and kind in _NAMED_FIRST and args and args[0] is not function:
            name = args[0]
        template = ""
        if kind == INCLUSION:
            template = _text(args[0] if args else words.get("filename"))
        tag = TemplateTag(
            self._own_name(function) if name is None else self._written_name(name),
            kind,
            self._function(function),
            template,
            _is_true(words.get("takes_context")),
            self._registers[register],
        )
        if tag.name:
            self._tags.append((line, tag))

    def _written_name(self, name: ast.expr) -> str:
        """A string, or ``SomeTag.name``."""
        match name:
            case ast.Attribute(ast.Name(owner), "name") if owner in self._classes:
                return self._class_name(self._classes[owner])
        return _text(name)

    def _own_name(self, function: ast.expr) -> str:
        """What is registered without a name goes by its own."""
        match function:
            case ast.Name(name) if name in self._classes:
                return self._class_name(self._classes[name])
            case ast.Name(name) | ast.Attribute(attr=name):
                return name
        return ""

    @staticmethod
    def _class_name(node: ast.ClassDef) -> str:
        """The name of a tag that is a class (django-classy-tags)."""
        for statement in node.body:
            match statement:
                case ast.Assign(targets=[ast.Name("name")], value=ast.Constant(str(name))):
                    return name
        return _HUMP.sub("_", node.name).lower()

    def _function(self, node: ast.expr) -> str:
        qualified = self._file.qualified(node)
        if qualified is not None:
            return qualified
        return node.id if isinstance(node, ast.Name) else ""

    # Environments of Jinja.

    def _assigned(self, target: ast.Subscript, value: ast.expr) -> None:
        """``environment.globals["name"] = function``."""
        match target:
            case ast.Subscript(ast.Attribute(attr=kind), ast.Constant(str(name))):
                if kind in _ENVIRONMENT:
                    self._add(name, _ENVIRONMENT[kind], value)

    def _updated(self, kind: str, call: ast.Call) -> None:
        """``environment.globals.update({"name": function}, name=function)``."""
        for argument in call.args:
            if isinstance(argument, ast.Dict):
                for key, value in zip(argument.keys, argument.values, strict=True):
                    self._add(_text(key), kind, value)
        for word in call.keywords:
            self._add(word.arg or "", kind, word.value)

    def _add(self, name: str, kind: str, value: ast.expr) -> None:
        if name:
            tag = TemplateTag(name, kind, self._function(value), jinja=True)
            self._tags.append((value.lineno, tag))

    # Settings.

    def _configured(self, node: ast.Dict) -> None:
        """``"builtins": […]`` and ``"libraries": {…}`` of the options of an engine."""
        for key, value in zip(node.keys, node.values, strict=True):
            match _text(key), value:
                case "builtins", ast.List(elts=items) | ast.Tuple(elts=items):
                    self._builtins += filter(None, map(_text, items))
                case "libraries", ast.Dict(keys=keys, values=values):
                    pairs = zip(map(_text, keys), map(_text, values), strict=True)
                    self._libraries += [pair for pair in pairs if all(pair)]


_FUNCTION_WORDS = frozenset({"func", "filter_func", "compile_function"})


def _last_part(node: ast.expr) -> str:
    match node:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
    return ""


def _text(node: ast.expr | None) -> str:
    match node:
        case ast.Constant(str(text)):
            return text
    return ""


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
