import pytest

from praxis.audit.flow.code import ir
from tests.unit.audit.flow.code.templates.notation import code_of, read

TAGS = {
    # loops and conditions
    "{% for a in b %}{{ a }}{% endfor %}": "for a in b {show a;}",
    "{% for k, v in a.items %}{{ v }}{% empty %}{{ c }}{% endfor %}": (
        "for tuple(k, v) in a.items {show v;} else {show c;}"
    ),
    "{% for k ,v in a %}{% endfor %}": "for tuple(k, v) in a {}",
    "{% for a in b.c|slice:':3' reversed %}{% endfor %}": (
        "for a in ((b.c|slice:':3')|reversed) {}"
    ),
    "{% for a in reversed %}{% endfor %}": "for a in reversed {}",
    "{% for a in b c %}{{ a }}{% endfor %}": "for a in ?(b, c) {show a;}",
    "{% for a %}{{ a }}{% endfor %}": "for a in ?() {show a;}",
    "{% for %}{% endfor %}": "for ?() in ?() {}",
    "{% if a %}{{ b }}{% endif %}": "if a {show b;}",
    "{% if a %}{{ b }}{% elif c %}{{ d }}{% elif e %}{{ f }}{% else %}{{ g }}{% endif %}": (
        "if a {show b;} else {if c {show d;} else {if e {show f;} else {show g;}}}"
    ),
    "{% ifequal a 'b' %}{{ c }}{% else %}{{ d }}{% endifequal %}": (
        "if (a == 'b') {show c;} else {show d;}"
    ),
    "{% ifnotequal a b.c %}{{ c }}{% endifnotequal %}": "if (a != b.c) {show c;}",
    "{% ifequal a %}{{ c }}{% endifequal %}": "if ?() {show c;}",
    "{% ifchanged a.b %}{{ c }}{% else %}{{ d }}{% endifchanged %}": (
        "if ?(a.b) {show c;} else {show d;}"
    ),
    "{% ifchanged a.b c %}{{ c }}{% endifchanged %}": "if ?(a.b, c) {show c;}",
    "{% ifchanged %}{{ c }}{% else %}{{ d }}{% endifchanged %}": "ifchanged() {show c; show d;}",
    # names
    "{% with a=b.c d=e|f %}{{ a }}{% endwith %}": "with a=b.c, d=(e|f) {show a;}",
    "{% with b.c as a %}{{ a }}{% endwith %}": "with a=b.c {show a;}",
    "{% with %}{{ a }}{% endwith %}": "with  {show a;}",
    "{% regroup a.b|c by d.e as f %}": "regroup (a.b|c) by d.e as f;",
    "{% regroup a by d.e|date:'Y' as f %}": "regroup a by d.e as f;",
    "{% regroup a by b %}{{ c }}": "show c;",
    "{% cycle 'a' b.c as d silent %}{{ d }}": "cycle('a', b.c) as d; show d;",
    "{% cycle a,b %}": "cycle(?(a));",
    "{% resetcycle a %}": "resetcycle('a');",
    "{% firstof a b.c 'd' as e %}": "firstof(a, b.c, 'd') as e;",
    "{% widthratio a.b c 100 as d %}": "widthratio(a.b, c, 100) as d;",
    "{% now 'Y' as a %}": "now('Y') as a;",
    "{% url 'a:b' c.d e=f.g as h %}": "url('a:b', c.d, e=f.g) as h;",
    "{% url a %}": "url(a);",
    "{% static 'a.css' %}": "",
    "{% static a %}": "static(a);",
    "{% static 'a' as b %}": "static('a') as b;",
    "{% get_current_language as a %}": "get_current_language() as a;",
    "{% get_language_info for a.b as c %}": "get_language_info(a.b) as c;",
    "{% querystring a b=c d=None %}": "querystring(a, b=c, d=None);",
    "{% lorem a.b w random %}": "lorem(a.b);",
    "{% templatetag openblock %}": "templatetag('openblock');",
    "{% csrf_token %}{% debug %}{% now 'Y' %}": "",
    # other templates
    "{% include 'a.html' %}": "include 'a.html';",
    "{% include a.b with c=d.e f='g' only %}": "include a.b with c=d.e, f='g' only;",
    "{% include 'a' only %}": "include 'a' only;",
    "{% include %}{{ a }}": "show a;",
    "{% block a %}{{ block.super }}{% block b %}{% endblock b %}{{ c }}{% endblock %}": (
        "block a {show block.super; block b {} show c;}"
    ),
    "{% block %}{% endblock %}": "block  {}",
    "{% partialdef a %}{{ b }}{% endpartialdef %}{% partial a %}": (
        "def a() {show b;} partial('a');"
    ),
    "{% partialdef a inline %}{{ b }}{% endpartialdef a %}": "def a() {show b;} partial('a');",
    "{% partialdef %}{{ a }}": "show a;",
    # translations
    "{% trans 'a' %}{% translate \"b c\" %}": "",
    "{% trans a.b %}": "trans(a.b);",
    "{% trans 'a' context 'b' noop as c %}": "trans('a', 'b') as c;",
    "{% blocktrans %}{{ a }}{% endblocktrans %}": "blocktrans() {show a;}",
    "{% blocktrans %}{{ a.b }}{{ c|d }}{% endblocktrans %}{{ a.b }}": "blocktrans(); show a.b;",
    "{% blocktranslate with a=b.c d=e trimmed %}{{ a }}{% endblocktranslate %}": (
        "with a=b.c, d=e {show a;}"
    ),
    "{% blocktrans with b.c as a and d as e %}{{ a }}{% endblocktrans %}": (
        "with a=b.c, e=d {show a;}"
    ),
    "{% blocktrans count a=b|length with c=d %}{{ a }}{% plural %}{{ c }}{% endblocktrans %}": (
        "with a=(b|length), c=d {show a; show c;}"
    ),
    "{% blocktrans asvar a context 'b as c' %}{{ d }}{% endblocktrans %}{{ a.b }}": (
        "blocktrans() as a {show d;} show a.b;"
    ),
    "{% blocktrans with a=b asvar c %}{{ a }}{% endblocktrans %}": (
        "blocktrans() as c {with a=b {show a;}}"
    ),
    # tags around others
    "{% cache 500 side a.b using='c' %}{{ a }}{% endcache %}": (
        "cache(500, 'side', a.b, using='c') {show a;}"
    ),
    "{% cache 500 %}": "cache(500);",
    "{% filter upper|default:a.b|cut:'|x' %}{{ c }}{% endfilter %}": "filter(a.b, '|x') {show c;}",
    "{% filter %}{{ c }}{% endfilter %}": "filter() {show c;}",
    "{% spaceless %}{{ a }}{% endspaceless %}": "spaceless() {show a;}",
    "{% autoescape off %}{{ a }}{% endautoescape %}": "autoescape() {show a;}",
    "{% localize on %}{{ a }}{% endlocalize %}": "localize() {show a;}",
    "{% language a.b %}{{ c }}{% endlanguage %}": "language(a.b) {show c;}",
    "{% timezone 'Europe/Paris' %}{{ c }}{% endtimezone %}": "timezone('Europe/Paris') {show c;}",
    "{% comment 'x' %}{{ a }}{% for %}{% endcomment %}{{ b }}{# {{ c }} #}": "show b;",
    "{% verbatim %}{{ a }}{% for %}{% endverbatim %}{{ b }}": "show b;",
    # tags of one's own
    "{% own %}": "own();",
    "{% own a.b 'c d' e=f|g:h as i %}": "own(a.b, 'c d', e=(f|g:h)) as i;",
    "{% own for a in b as 'c' %}": "own(a, b) as c;",
    "{% thumbnail a.b '200x200' crop='center' as im %}{{ im.url }}{% endthumbnail %}": (
        "thumbnail(a.b, '200x200', crop='center') as im {show im.url;}"
    ),
    "{% own a %}{{ b }}{% else %}{{ c }}{% endown %}{{ d }}": "own(a) {show b; show c;} show d;",
    "{% own %}{% if a %}{{ b }}{% else %}{{ c }}{% endif %}{% endown %}": (
        "own() {if a {show b;} else {show c;}}"
    ),
    "{% own %}{% own %}{{ a }}{% endown %}": "own(); own() {show a;}",
    "{% own %}{{ a }}{% end_own %}": "own() {show a;}",
    "{% endless a %}{{ b }}": "endless(a); show b;",
    "{% own 100x200 #a-b [] %}": "own(100x200, ?(), ?());",
}


@pytest.mark.parametrize(("text", "expected"), TAGS.items(), ids=TAGS)
def test_tags_say_what_they_bind_read_and_hold(text, expected):
    assert read(text) == expected


BROKEN = {
    "{% for a in b %}{{ a }}": "for a in b {show a;}",
    "{% block x %}{% for a in b %}{{ a }}{% endblock %}{{ c }}": (
        "block x {for a in b {show a;}} show c;"
    ),
    "{{ a }}{% endfor %}{% endif %}{% else %}{% elif b %}{% empty %}{{ c }}": "show a; show c;",
    "{% if a %}{% for b in c %}{% else %}{{ d }}{% endif %}": (
        "if a {for b in c {}} else {show d;}"
    ),
    "{% if a %}{% own %}{% else %}{% endif %}{% endown %}": "if a {own();}",
    "{% %}{%%}{{ }}{{}}{{ a }}": "show a;",
    "{% if a %}{% if b %}{{ c }}{% endif %}": "if a {if b {show c;}}",
    "{% end %}{% end_ %}{{ a }}": "end(); show a;",
    "{% blocktrans %}{{ a.b }}": "blocktrans();",
    "{% if a\n %}{{ b }}{% endif %}": "show b;",
}


@pytest.mark.parametrize(("text", "expected"), BROKEN.items(), ids=BROKEN)
def test_broken_nesting_still_gives_the_rest(text, expected):
    assert read(text) == expected


def test_what_a_template_extends_and_loads_is_told_apart():
    code = code_of("{% extends a.b|default:'c' %}{% load d e.f %}{% load g h from i %}{% load d %}")
    assert isinstance(code.extends, ir.Filter)
    assert code.libraries == ("d", "e.f", "i")
    assert code.body == ()


def test_a_statement_spans_its_end_tag():
    text = "é{% if a %}b{% elif c %}d{% else %}e{% endif %}"
    (outer,) = code_of(text).body
    assert isinstance(outer, ir.If)
    assert text[outer.start : outer.end] == text[1:]
    (inner,) = outer.orelse
    assert text[inner.start : inner.end] == "{% elif c %}d{% else %}e{% endif %}"


@pytest.mark.parametrize(
    "text", ["", "a { b } c", "<p>", "{# a #}", "{% load a %}", "{% csrf_token %}"]
)
def test_a_template_that_shows_nothing_has_no_code(text):
    assert code_of(text) == ir.TemplateCode(None, ())
