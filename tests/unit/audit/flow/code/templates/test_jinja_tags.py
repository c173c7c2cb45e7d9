import pytest

from praxis.audit.flow.code import ir
from tests.unit.audit.flow.code.templates.notation import code_of, read

TAGS = {
    # loops and conditions
    "{% for a in b %}{{ a }}{% else %}{{ c }}{% endfor %}": "for a in b {show a;} else {show c;}",
    "{%- for k, (v, w) in a.items() -%}{{ v }}{%- endfor +%}": (
        "for tuple(k, tuple(v, w)) in a@items() {show v;}"
    ),
    "{% for (a, b) in c %}{% endfor %}": "for tuple(a, b) in c {}",
    "{% for a in b if a.c and d %}{{ a }}{% else %}{{ e }}{% endfor %}": (
        "for a in b {if (a@c and d) {show a;}} else {show e;}"
    ),
    "{% for a in b recursive %}{{ loop(a.c) }}{% endfor %}": "for a in b {show loop(a@c);}",
    "{% for a in b, c recursive %}{% endfor %}": "for a in tuple(b, c) {}",
    "{% for a in b|sort(c='d') %}{% endfor %}": "for a in (b|sort:'d') {}",
    "{% for a in b %}{% break %}{% continue %}{% endfor %}": "for a in b {break; continue;}",
    "{% for a %}{{ a }}{% endfor %}": "for a in ?() {show a;}",
    "{% if a.b() is defined %}{{ b }}{% elif c %}{{ d }}{% else %}{{ e }}{% endif %}": (
        "if (a@b()|is defined) {show b;} else {if c {show d;} else {show e;}}"
    ),
    # names
    "{% set a = b.c(d) %}": "a = b@c(d);",
    "{% set a, b = c, d %}": "tuple(a, b) = tuple(c, d);",
    "{% set (a, b) = c %}": "tuple(a, b) = c;",
    "{% set a.b = c %}": "a@b = c;",
    "{% set a %}{{ b }}{% endset %}": "set() as a {show b;}",
    "{% set a | upper | cut(b.c) %}{{ d }}{% endset %}": "set(b@c) as a {show d;}",
    "{% set a = 1 %}{% set b %}{{ c }}{% endset %}": "a = 1; set() as b {show c;}",
    "{% set a %}": "",
    "{% with a = b.c, d=e %}{{ a }}{% endwith %}": "with a=b@c, d=e {show a;}",
    "{% with %}{{ a }}{% endwith %}": "with  {show a;}",
    "{% do a.append(b) %}": "do a@append(b);",
    # other templates
    "{% include 'a.html' %}": "include 'a.html';",
    "{% include a ~ '.html' ignore missing without context %}": "include text(a, '.html') only;",
    "{% include ['a', b] with context %}": "include list('a', b);",
    "{% include 'a' if b else 'c' %}": "include ('a' if b else 'c');",
    "{% include %}": "",
    "{% import 'a.html' as b with context %}": "import 'a.html' as b;",
    "{% from 'a.html' import b, c as d with context %}": (
        "import 'a.html' as {'b': 'b', 'c': 'd'};"
    ),
    "{% from a import b, with context %}": "import a as {'b': 'b'};",
    "{% block a scoped %}{{ super() }}{% endblock a %}": "block a {show super();}",
    "{% macro a(b, c=d.e, f='g') -%}{{ b }}{% endmacro %}": "def a(b, c=d@e, f='g') {show b;}",
    "{% macro a %}{{ b }}{% endmacro %}": "def a() {show b;}",
    "{% call a.b(c) %}{{ d }}{% endcall %}": "call(a@b(c)) {show d;}",
    "{% call(x, y=1) a.b(c) %}{{ x }}{% endcall %}": (
        "call(a@b(c)) {def caller(x, y=1) {show x;}}"
    ),
    # text
    "{% filter upper|cut(a.b) %}{{ c }}{% endfilter %}": "filter(a@b) {show c;}",
    "{% filter %}{{ c }}{% endfilter %}": "filter() {show c;}",
    "{% autoescape false %}{{ a }}{% endautoescape %}": "autoescape(False) {show a;}",
    "{% trans %}{{ a }}{{ b.c }}{% endtrans %}{{ b.c }}": "trans() {show a;} show b@c;",
    "{% trans trimmed a=b.c, d %}{{ a }}{% pluralize d %}{{ d }}{% endtrans %}": (
        "with a=b@c {show a; show d;}"
    ),
    "{% trans 'a' %}{{ b.c }}": "trans('a'); show b@c;",
    "{% raw %}{{ a }}{% for %}{% endraw %}{{ b }}": "show b;",
    "{# {{ a }}\n #}{{ b }}": "show b;",
    # extensions
    "{% own %}": "own();",
    "{% own a.b, 'c', e=f|g, h %}": "own(a@b, 'c', h, e=(f|g));",
    "{% own 'a' b.c as d %}": "own('a', b@c) as d;",
    "{% own a %}{{ b }}{% else %}{{ c }}{% endown %}": "own(a) {show b; show c;}",
    "{% cache 30, 'a' %}{{ b.c() }}{% endcache %}": "cache(30, 'a') {show b@c();}",
    "{% own : $ a %}": "own(a);",
}


@pytest.mark.parametrize(("text", "expected"), TAGS.items(), ids=TAGS)
def test_tags_say_what_they_bind_read_and_hold(text, expected):
    assert read(text, jinja=True) == expected


BROKEN = {
    "{% for a in b %}{{ a }}": "for a in b {show a;}",
    "{{ a }}{% endfor %}{% else %}{% elif b %}{% endmacro %}{{ c }}": "show a; show c;",
    "{% macro a( %}{{ b }}{% endmacro %}": "def a() {show b;}",
    "{% macro %}{{ b }}": "def () {show b;}",
    "{% set = %}{% set %}{% import %}{% from %}{% call %}{% extends %}": (
        "tuple() = ?(); import ?() as {}; import ?() as {}; call(?());"
    ),
    "{% %}{%- -%}{{ }}{{ a }}": "show a;",
    "{% if %}{{ a }}{% endif %}": "if ?() {show a;}",
}


@pytest.mark.parametrize(("text", "expected"), BROKEN.items(), ids=BROKEN)
def test_what_is_broken_still_gives_the_rest(text, expected):
    assert read(text, jinja=True) == expected


def test_the_first_of_several_extended_templates_counts():
    code = code_of("{% if a %}{% extends b %}{% endif %}{% extends 'c' %}", jinja=True)
    assert isinstance(code.extends, ir.Name)
