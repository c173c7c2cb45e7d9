import pytest

from tests.audit_cases import accepts, audit_files, flags, found, rewrites, split_files

RULE = "middleware_out_of_order"
SHORT = {
    "security": "django.middleware.security.SecurityMiddleware",
    "session": "django.contrib.sessions.middleware.SessionMiddleware",
    "locale": "django.middleware.locale.LocaleMiddleware",
    "common": "django.middleware.common.CommonMiddleware",
    "csrf": "django.middleware.csrf.CsrfViewMiddleware",
    "auth": "django.contrib.auth.middleware.AuthenticationMiddleware",
    "login": "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "remote": "django.contrib.auth.middleware.RemoteUserMiddleware",
    "messages": "django.contrib.messages.middleware.MessageMiddleware",
    "frames": "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "gzip": "django.middleware.gzip.GZipMiddleware",
    "etag": "django.middleware.http.ConditionalGetMiddleware",
    "update": "django.middleware.cache.UpdateCacheMiddleware",
    "fetch": "django.middleware.cache.FetchFromCacheMiddleware",
    "flat": "django.contrib.flatpages.middleware.FlatpageFallbackMiddleware",
    "links": "django.middleware.common.BrokenLinkEmailsMiddleware",
    "static": "whitenoise.middleware.WhiteNoiseMiddleware",
    "cors": "corsheaders.middleware.CorsMiddleware",
    "toolbar": "debug_toolbar.middleware.DebugToolbarMiddleware",
    "own": "shop.middleware.OwnMiddleware",
}


def settings(*names, setting="", path="shop/settings.py"):
    entries = "".join(f'    "{SHORT[name]}",\n' for name in names)
    head = f"# file: {path}\nROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = []\n"
    return f"{head}MIDDLEWARE = [\n{entries}]\n{setting}"


def blamed(source):
    long = {name: short for short, name in SHORT.items()}
    names = []
    for finding in found(RULE, source):
        text = split_files(source)[finding.place.path]
        names.append(long[text[finding.place.start + 1 : finding.place.end - 1]])
    return names


@pytest.mark.parametrize(
    "names",
    [
        "security session common csrf auth messages frames",
        "security static session locale common csrf auth messages frames",
        "security cors static session common csrf auth login messages",
        "cors security session common csrf auth remote messages",
        "security update gzip etag session locale common csrf auth messages fetch flat",
        "links security gzip toolbar session locale common csrf auth",
        "session security common csrf auth",
        "csrf session auth",
        "own session own auth",
        "security static cors session common",
    ],
)
def test_accepts_the_documented_order(names):
    accepts(RULE, settings(*names.split()))


@pytest.mark.parametrize(
    ("names", "misplaced"),
    [
        ("session common csrf auth security", "security"),
        ("common security", "security"),
        ("security auth session", "auth"),
        ("security messages session", "messages"),
        ("security locale session common", "locale"),
        ("session update fetch", "update"),
        ("update fetch session", "fetch"),
        ("etag gzip common", "etag"),
        ("common gzip", "gzip"),
        ("remote auth", "remote"),
        ("auth remote csrf", "remote"),
        ("login auth", "login"),
        ("locale links", "links"),
        ("flat session locale common", "flat"),
        ("static security session", "static"),
        ("security session common csrf static", "static"),
        ("common cors", "cors"),
        ("toolbar gzip", "toolbar"),
        ("auth messages locale csrf session", "session"),
    ],
)
def test_flags_the_misplaced_entry_alone(names, misplaced):
    assert blamed(settings(*names.split())) == [misplaced]


@pytest.mark.parametrize(
    "routes",
    [
        "from django.conf.urls.i18n import i18n_patterns\nurlpatterns = i18n_patterns()\n",
        (
            "from django.urls import path\nfrom django.utils.translation import gettext_lazy as _\n"
            "urlpatterns = [path(_('about/'), about)]\n"
        ),
    ],
)
def test_common_needs_the_language_where_addresses_depend_on_it(routes):
    source = settings("security", "session", "common", "locale")
    assert blamed(f"{source}# file: shop/urls.py\n{routes}") == ["locale"]
    after = settings("security", "session", "locale", "common")
    urls = f"# file: shop/urls.py\n{routes}"
    rewrites(RULE, source + urls, after + urls)


def test_common_needs_no_language_where_addresses_do_not_depend_on_it():
    source = settings("security", "session", "common", "locale")
    routes = "from django.urls import path\nurlpatterns = [path('about/', about)]\n"
    accepts(RULE, source)
    accepts(RULE, f"{source}# file: shop/urls.py\n{routes}")


def test_names_each_misplaced_entry_once():
    names = "locale session common security csrf auth messages frames gzip own"
    flags(RULE, settings(*names.split()), 4, 7, 12)


def test_says_where_the_others_stand():
    (finding,) = flags(RULE, settings("common", "csrf", "security"), 6)
    assert "before CommonMiddleware and CsrfViewMiddleware" in finding.message
    assert [step.place.line for step in finding.steps] == [4, 5]


def test_csrf_tokens_in_the_session_need_the_session_first():
    names = ("csrf", "session", "auth")
    accepts(RULE, settings(*names))
    flags(RULE, settings(*names, setting="CSRF_USE_SESSIONS = True\n"))


@pytest.mark.parametrize(
    "change",
    [
        "MIDDLEWARE.insert(place(), 'x')\n",
        "MIDDLEWARE += more()\n",
        "MIDDLEWARE = more() + MIDDLEWARE\n",
        "from .local import *\n",
    ],
)
def test_the_order_of_what_is_known_is_known(change):
    flags(RULE, settings("auth", "session", setting=change))


@pytest.mark.parametrize(
    "change", ["MIDDLEWARE.reverse()\n", "MIDDLEWARE = make()\n", "MIDDLEWARE[:] = other\n"]
)
def test_says_nothing_of_an_unknown_order(change):
    accepts(RULE, settings("auth", "session", setting=change))


def test_follows_insertions():
    toolbar = SHORT["toolbar"]
    source = settings("gzip", "session", setting=f"MIDDLEWARE.insert(0, '{toolbar}')\n")
    (finding,) = flags(RULE, source)
    assert finding.fix is None  # the two stand in different places
    accepts(RULE, source.replace("insert(0", "insert(1"))


def test_says_a_shared_list_once():
    source = settings("auth", "session", path="shop/settings/base.py")
    for name in ("dev", "prod"):
        source += f"# file: shop/settings/{name}.py\nfrom .base import *\nDEBUG = True\n"
    (finding,) = flags(RULE, source)
    assert finding.steps[0].place.path == "shop/settings/prod.py"


def test_leaves_the_settings_of_tests_alone():
    accepts(RULE, settings("auth", "session", path="tests/settings.py"))


def test_puts_a_list_in_order():
    rewrites(
        RULE,
        settings("locale", "session", "common", "security", "csrf", "gzip", "own"),
        settings("security", "session", "locale", "gzip", "common", "csrf", "own"),
    )


def rewrites_list(before, after):
    head = "# file: shop/settings.py\nROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = []\n"
    for name, long in SHORT.items():
        before, after = before.replace(f"<{name}>", long), after.replace(f"<{name}>", long)
    rewrites(RULE, f"{head}{before}", f"{head}{after}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('MIDDLEWARE = ["<auth>", "<session>"]\n', 'MIDDLEWARE = ["<session>", "<auth>"]\n'),
        ("MIDDLEWARE = ('<auth>','<session>',)\n", "MIDDLEWARE = ('<session>','<auth>',)\n"),
        (
            "MIDDLEWARE = [\n\t'<auth>', '<session>',\n\t'<own>'\n]\n",
            "MIDDLEWARE = [\n\t'<session>', '<auth>',\n\t'<own>'\n]\n",
        ),
        (
            (
                "MIDDLEWARE = [  # ü\n    # who\n    '<auth>',  # user\n\n    '<session>' # last\n"
                "    # end\n]\n"
            ),
            (
                "MIDDLEWARE = [  # ü\n\n    '<session>', # last\n    # who\n    '<auth>',  # user\n"
                "    # end\n]\n"
            ),
        ),
        (
            "MIDDLEWARE: list[str] = ['<own>'] + [\n    '<auth>',\n    '<session>',  # s\n]\n",
            "MIDDLEWARE: list[str] = ['<own>'] + [\n    '<session>',  # s\n    '<auth>',\n]\n",
        ),
    ],
)
def test_keeps_layout_and_comments(before, after):
    rewrites_list(before, after)


def test_keeps_windows_line_ends():
    text = settings("auth", "session").replace("\n]", "  # last\n]")
    files = {path: code.replace("\n", "\r\n") for path, code in split_files(text).items()}
    (finding,) = audit_files(files, (RULE,)).findings
    (edit,) = finding.fix.edits
    assert edit.text == (f'    "{SHORT["session"]}",  # last\r\n    "{SHORT["auth"]}",')


@pytest.mark.parametrize(
    "source",
    [
        "MIDDLEWARE = ['<auth>',  # one\n  '<session>', '<own>']\n",
        "MIDDLEWARE = [\n  '<auth>', # a\n  '<session>', '<own>',\n]\n",
        "MIDDLEWARE = [\n  ('<auth>'), # a\n  '<session>',\n]\n",
        "MIDDLEWARE = ['<auth>', *more(), '<session>']\n",
        "MIDDLEWARE = ['<auth>', OWN, '<session>']\n",
        "MIDDLEWARE = ['<auth>', '<session>', '<own>', '<own>']\n",
    ],
)
def test_flags_but_leaves_what_cannot_be_moved_cleanly(source):
    for name, long in SHORT.items():
        source = source.replace(f"<{name}>", long)
    head = "# file: shop/settings.py\nROOT_URLCONF = 'shop.urls'\nINSTALLED_APPS = []\n"
    (finding,) = flags(RULE, f"{head}{source}")
    assert finding.fix is None
