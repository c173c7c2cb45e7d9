import logging

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.paginator import Paginator
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.template import Context, Engine, RequestContext, TemplateSyntaxError
from django.test import RequestFactory, override_settings
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from praxis.cache import cached
from praxis.errors import DimensionError, NotCacheableError

TEMPLATES = {
    "card.html": "{{ group.name }}",
    "deep.html": "{% include 'card.html' %}",
    "base.html": "{% load praxis_cache %}{% cached 60 'base' %}{% block a %}{% endblock %}"
    "{% endcached %}",
    "child.html": "{% extends 'base.html' %}{% block a %}{{ group.name }}{% endblock %}",
    "own.html": "{% load praxis_cache %}{% cached 60 'own' %}{{ said }}{% endcached %}",
}
ENGINE = Engine(
    loaders=[("django.template.loaders.locmem.Loader", TEMPLATES)],
    libraries={
        "praxis_cache": "praxis.templatetags.praxis_cache",
        "i18n": "django.templatetags.i18n",
    },
    context_processors=[
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
    ],
)  # fmt: skip


def group(name, pk=1):
    made = Group(pk=pk, name=name)
    made._state.adding, made._state.db = False, "default"
    return made


@pytest.fixture(autouse=True)
def rows(monkeypatch):
    """What the database has, instead of one."""
    found = {}
    monkeypatch.setattr(
        "praxis.cache.results.arguments.reread",
        lambda value: found.get(value, value) if isinstance(value, Group) else value,
    )
    monkeypatch.setattr(
        "praxis.cache.results.fragments.reread",
        lambda value: found.get(value, value) if isinstance(value, Group) else value,
    )
    return found


def render(source, request=None, **context):
    template = ENGINE.from_string("{% load praxis_cache i18n %}" + source)
    made = Context(context) if request is None else RequestContext(request, context)
    return template.render(made)


def visit(name=""):
    request = RequestFactory().get("/")
    user = AnonymousUser()
    if name:
        user = User(pk=1, username=name, is_superuser=True, date_joined=None)
    request.user = SimpleLazyObject(lambda: user)
    CsrfViewMiddleware(lambda request: None).process_request(request)
    return request


def test_a_fragment_is_rendered_once(shelf):
    source = '{% cached 60 "a" %}{{ said }}{% endcached %}'
    assert render(source, said="one") == render(source, said="two") == "one"
    shelf.write()
    assert render(source, said="two") == "two"


def test_arguments_tell_fragments_apart(shelf):
    source = '{% cached 60 "a" said|upper 1 %}{{ said }}{% endcached %}'
    assert [render(source, said=said) for said in ("one", "two", "ONE")] == ["one", "two", "one"]


def test_terms_are_expressions(shelf):
    source = '{% cached ttl "a" stale_s=5 using=alias %}x{% endcached %}'
    render(source, ttl=30, alias="default")
    (terms,) = shelf.terms.values()
    assert (terms.ttl_s, terms.stale_s, terms.using) == (30, 5, "default")


def test_the_language_always_tells_fragments_apart(shelf):
    source = '{% cached 60 "a" %}{% translate "Monday" %}{% endcached %}'
    said = []
    for language in ("de", "en", "de"):
        with translation.override(language):
            said.append(render(source))
    assert said == ["Montag", "Monday", "Montag"]


def test_escaping_tells_fragments_apart(shelf):
    source = "{% autoescape MODE %}{% cached 60 'a' %}{{ said }}{% endcached %}{% endautoescape %}"
    for mode, said in (("on", "&lt;"), ("off", "<"), ("on", "&lt;")):
        assert render(source.replace("MODE", mode), said="<") == said


def test_text_stays_safe(shelf):
    source = "{% filter force_escape %}{% cached 60 'a' %}<b>{% endcached %}{% endfilter %}"
    assert render(source) == render(source) == "&lt;b&gt;"
    assert render("{% cached 60 'a' %}<b>{% endcached %}") == "<b>"


@pytest.mark.parametrize(
    "source",
    [
        "{% cached 60 %}{% endcached %}",
        "{% cached %}{% endcached %}",
        "{% cached 60 'a' %}",
        "{% cached 'x' 'a' %}{% endcached %}",
        "{% cached 0 'a' %}{% endcached %}",
        "{% cached missing 'a' %}{% endcached %}",
    ],
)
def test_mistakes_are_told(shelf, source):
    with pytest.raises(TemplateSyntaxError):
        render(source)


def test_an_argument_that_names_nothing_is_told(shelf):
    with pytest.raises(NotCacheableError):
        render("{% cached 60 'a' thing %}{% endcached %}", thing=object())


def test_a_dimension_without_a_request_is_told(shelf):
    with pytest.raises(DimensionError, match="'user'"):
        render("{% cached 60 'a' vary='user' %}{% endcached %}")


def test_users_have_fragments_of_their_own(shelf):
    source = "{% cached 60 'a' vary='user, language' %}{{ user.username }}{% endcached %}"
    assert [render(source, visit(name)) for name in ("ann", "bo", "ann")] == ["ann", "bo", "ann"]
    assert len(shelf.entries) == 2


@pytest.mark.parametrize(
    "shown",
    ["{{ user.username }}", "{{ request.user }}", "{% if user.is_authenticated %}in{% endif %}",
     "{% if perms.shop %}may{% endif %}", "{{ request.COOKIES.theme }}"],
)  # fmt: skip
def test_a_fragment_that_looks_at_the_visitor_is_not_kept(shelf, shown):
    source = "{% cached 60 'a' %}" + shown + "{% endcached %}"
    for name in ("ann", "bo", ""):
        request = visit(name)
        assert str(request.user) is not None  # others have looked before
        assert render(source, request) == render(shown, visit(name))
    assert shelf.entries == {}


def test_a_fragment_with_a_token_is_not_kept_and_said_so_once(shelf, caplog):
    caplog.set_level(logging.INFO, "praxis.cache")
    source = "{% csrf_token %}|{% cached 60 'a' %}{% csrf_token %}{% endcached %}"
    for _ in range(2):
        request = visit()
        own = (
            request.META.get("CSRF_COOKIE") or (get_token(request), request.META["CSRF_COOKIE"])[1]
        )
        before, inside = render(source, request).split("|")
        assert "csrfmiddlewaretoken" in before
        assert "csrfmiddlewaretoken" in inside
        assert own
    assert shelf.entries == {}
    assert [message for message in caplog.messages if "CSRF" in message] == [
        "The fragment 'a' is not kept: it has a CSRF token, which is for one visitor."
    ]


def test_a_page_with_a_token_in_a_fragment_knows_of_it(shelf):
    request = visit()
    render("{% cached 60 'a' %}{% csrf_token %}{% endcached %}", request)
    assert request.META["CSRF_COOKIE_NEEDS_UPDATE"]


@pytest.mark.parametrize(
    "shown",
    [
        "{{ group.name }}",
        "{% include 'card.html' %}",
        "{% include 'deep.html' %}",
        "{% include card %}",
    ],
)
def test_what_was_read_before_is_not_kept(shelf, caplog, shown):
    caplog.set_level(logging.INFO, "praxis.cache")
    source = "{% cached 60 'a' group.pk %}" + shown + "{% endcached %}"
    assert render(source, group=group("old"), card="card.html") == "old"
    assert render(source, group=group("new"), card="card.html") == "new"
    assert shelf.entries == {}
    (said,) = caplog.messages
    assert "shows 'group', which was read before it: give it as argument" in said


def test_what_a_child_puts_into_a_block_was_read_before_as_well(shelf):
    for name in ("old", "new"):
        template = ENGINE.get_template("child.html")
        assert template.render(Context({"group": group(name)})) == name
    assert shelf.entries == {}


@pytest.mark.parametrize("hold", [
    lambda one: [one], lambda one: {"a": (one,)}, lambda one: Paginator([one], 1).page(1),
])  # fmt: skip
def test_rows_in_lists_were_read_before_as_well(shelf, hold):
    render("{% cached 60 'a' %}{% for one in groups %}{% endfor %}{% endcached %}",
           groups=hold(group("old")))  # fmt: skip
    assert shelf.entries == {}


def test_a_queryset_that_was_not_run_is_read_inside(shelf, monkeypatch):
    source = "{% cached 60 'a' %}{% if groups is None %}{% endif %}{% endcached %}"
    groups = Group.objects.all()
    render(source, groups=groups)
    assert len(shelf.entries) == 1
    shelf.write()
    groups._result_cache = []
    render(source, groups=groups)
    assert shelf.entries == {}


def test_an_instance_that_is_an_argument_is_read_again(shelf, rows):
    source = "{% cached 60 'a' group %}{{ group.name }} {{ object.name }}{% endcached %}"
    old = group("old")
    rows[old] = group("new")
    assert render(source, group=old, object=old) == "new new"
    assert len(shelf.entries) == 1
    assert render(source, group=old, object=old) == "new new"


def test_what_the_fragment_does_not_name_does_not_matter(shelf):
    render("{{ group.name }}{% cached 60 'a' %}'group' {# group #}{% endcached %}{{ group.name }}",
           group=group("old"))  # fmt: skip
    assert len(shelf.entries) == 1


def test_fragments_in_fragments(shelf):
    source = (
        "{% cached 60 'a' %}{{ said }}{% cached 60 'b' said %}{{ said }}{% endcached %}"
        "{% endcached %}{{ said }}"
    )
    assert render(source, said="one") == "oneoneone"
    assert render(source, said="two") == "oneonetwo"
    assert len(shelf.entries) == 2
    assert render("{% include 'own.html' %}{% include 'own.html' %}", said=1) == "11"


def test_a_fragment_that_holds_one_of_a_user_is_not_kept_unless_it_varies_as_well(shelf):
    inner = "{% cached 60 'b' vary='user' %}{{ user.username }}{% endcached %}"
    for _ in range(2):
        for name in ("ann", "bo"):
            assert render("{% cached 60 'a' %}" + inner + "{% endcached %}", visit(name)) == name
    assert len(shelf.entries) == 2
    for _ in range(2):
        for name in ("ann", "bo"):
            source = "{% cached 60 'c' vary='user' %}" + inner + "{% endcached %}"
            assert render(source, visit(name)) == name
    assert len(shelf.entries) == 4


def test_a_function_in_a_fragment_is_a_part_of_it(shelf):
    part = cached(60, key="part", vary=["language"])(lambda: "part")
    assert render("{% cached 60 'a' %}{{ part }}{% endcached %}", part=part) == "part"
    assert len(shelf.entries) == 2


def test_a_function_that_renders_a_fragment_varies_on_its_language_or_is_not_kept(shelf):
    fragment = "{% cached 60 'a' %}{% translate 'Monday' %}{% endcached %}"
    plain = cached(60, key="plain")(lambda: str(render(fragment)))
    with translation.override("de"):
        assert plain() == "Montag"
    assert plain() == "Monday"
    own = cached(60, key="own", vary=["language", "time_zone"])(lambda: str(render(fragment)))
    own()
    assert len(shelf.entries) == 3


def test_what_a_fragment_raises_lets_go_who_waits(shelf):
    def failing():
        raise LookupError

    with pytest.raises(LookupError):
        render("{% cached 60 'a' %}{{ failing }}{% endcached %}", failing=failing)
    assert shelf.asked == ["look", "abandon"]


def test_an_entry_of_another_form_is_passed_over(shelf):
    source = "{% cached 60 'a' %}x{% endcached %}"
    render(source)
    (name,) = shelf.entries
    for data in (b"", b"F1\xff"):
        shelf.entries[name] = data
        assert render(source) == "x"


def test_another_release_has_other_fragments(shelf):
    source = "{% cached 60 'a' %}{{ said }}{% endcached %}"
    render(source, said=1)
    with override_settings(PRAXIS={"cache": {"version": "2"}}):
        assert render(source, said=2) == "2"
