import pytest

from praxis.audit.editing.edits import apply
from praxis.audit.findings import Confidence, Safety
from tests.audit_cases import accepts, audit_files, found, split_files

RULE = "unsafe_production_settings"
WSGI = """\
# file: shop/wsgi.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.prod")
"""
MIDDLEWARE = """\
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
"""
BASE = f"""\
# file: shop/settings/base.py
INSTALLED_APPS = []
ROOT_URLCONF = "shop.urls"
{MIDDLEWARE}"""
SECURE = """\
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31536000
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
ALLOWED_HOSTS = ["shop.example"]
"""
PROD = "# file: shop/settings/prod.py\nfrom .base import *\n"


def site(prod="", base="", without=""):
    """A site whose production settings are in order but for *prod* and without one line."""
    secure = "".join(
        line for line in SECURE.splitlines(keepends=True) if not without or without not in line
    )
    return f"{WSGI}{BASE}{base}{PROD}{secure}{prod}"


def told(source):
    """Setting to (path, line) of each finding."""
    return {
        finding.message.split()[0]: (finding.place.path, finding.place.line)
        for finding in found(RULE, source)
    }


def mended(source):
    """The files once the fixes were applied one after the other, each to what the last left."""
    files = split_files(source)
    for _ in range(10):
        fixes = [each.fix for each in audit_files(files, (RULE,)).findings if each.fix]
        if not fixes:
            break
        assert fixes[0].safety is Safety.UNSAFE
        for path in {edit.path for edit in fixes[0].edits}:
            own = [edit for edit in fixes[0].edits if edit.path == path]
            files[path] = apply(files[path], own)
    return files


def test_accepts_settings_in_order():
    accepts(RULE, site())


@pytest.mark.parametrize(
    ("wrong", "setting"),
    [
        ("DEBUG = True", "DEBUG"),
        ("DEBUG = 1", "DEBUG"),
        ("import os\nDEBUG = os.environ.get('DEBUG', True)", "DEBUG"),
        ("import os\nDEBUG = os.environ.get('DEBUG', 'False')", "DEBUG"),
        ("import os\nDEBUG = bool(int(os.environ.get('DEBUG', '1')))", "DEBUG"),
        ("SECRET_KEY = 'abc'", "SECRET_KEY"),
        ("SECRET_KEY = 'a' + 'b'", "SECRET_KEY"),
        ("import os\nSECRET_KEY = os.getenv('KEY', 'abc')", "SECRET_KEY"),
        ("import os\nSECRET_KEY = os.environ.get('KEY') or 'abc'", "SECRET_KEY"),
        ("from decouple import config\nSECRET_KEY = config('KEY', default='abc')", "SECRET_KEY"),
        ("ALLOWED_HOSTS = ['*']", "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS = '*'", "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS += ['*']", "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS = []", "ALLOWED_HOSTS"),
        ("import os\nALLOWED_HOSTS = os.environ.get('HOSTS', '*').split(',')", "ALLOWED_HOSTS"),
        ("SECURE_SSL_REDIRECT = False", "SECURE_SSL_REDIRECT"),
        ("SECURE_HSTS_SECONDS = 0", "SECURE_HSTS_SECONDS"),
        ("SESSION_COOKIE_SECURE = False", "SESSION_COOKIE_SECURE"),
        ("SESSION_COOKIE_SECURE = not True", "SESSION_COOKIE_SECURE"),
        ("CSRF_COOKIE_SECURE = False", "CSRF_COOKIE_SECURE"),
        ("SESSION_COOKIE_HTTPONLY = False", "SESSION_COOKIE_HTTPONLY"),
        ("SECURE_REFERRER_POLICY = 'unsafe-url'", "SECURE_REFERRER_POLICY"),
        ("SECURE_REFERRER_POLICY = None", "SECURE_REFERRER_POLICY"),
        ("SECURE_REFERRER_POLICY = 'no-referer'", "SECURE_REFERRER_POLICY"),
        (
            "SECURE_PROXY_SSL_HEADER = ('X-Forwarded-Proto', 'https')",
            "SECURE_PROXY_SSL_HEADER",
        ),
    ],
)
def test_flags_a_wrong_value_at_its_assignment(wrong, setting):
    source = site(wrong + "\n")
    text = split_files(source)["shop/settings/prod.py"]
    assert told(source) == {setting: ("shop/settings/prod.py", text.count("\n"))}


@pytest.mark.parametrize(
    "right",
    [
        "DEBUG = False",
        "import os\nDEBUG = os.environ.get('DEBUG', '') == '1'",
        "import os\nDEBUG = bool(os.environ.get('DEBUG'))",
        "import environ\nenv = environ.Env(DEBUG=(bool, False))\nDEBUG = env('DEBUG')",
        "import sys\nDEBUG = 'runserver' in sys.argv",
        "import socket\nDEBUG = socket.gethostname() == 'laptop'",
        "DEBUG = True\nfrom local_settings import *",
        "DEBUG = True\nif who_knows():\n    DEBUG = False",
        "import os\nSECRET_KEY = os.environ['KEY']",
        "import os\nSECRET_KEY = os.environ.get('KEY', '')",
        "SECRET_KEY = open('/etc/key').read()",
        (
            "from django.core.management.utils import get_random_secret_key\n"
            "SECRET_KEY = get_random_secret_key()"
        ),
        "import os\nALLOWED_HOSTS = os.environ.get('HOSTS', '').split(',')",
        "import environ\nenv = environ.Env()\nALLOWED_HOSTS = env.list('HOSTS')",
        "import os\nSECURE_SSL_REDIRECT = os.environ.get('TLS') == '1'",
        "from decouple import config\nSECURE_HSTS_SECONDS = config('HSTS', default=0, cast=int)",
        "SECURE_REFERRER_POLICY = 'no-referrer, strict-origin-when-cross-origin'",
        "SECURE_REFERRER_POLICY = 'same-origin'",
        "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')",
    ],
)
def test_accepts_what_is_right_or_not_known(right):
    accepts(RULE, site(right + "\n"))


@pytest.mark.parametrize(
    "setting",
    [
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "ALLOWED_HOSTS",
    ],
)
def test_flags_a_missing_setting_at_the_first_statement_of_production(setting):
    source = site(without=setting).replace(PROD, f'{PROD.splitlines()[0]}\n"""Live."""\n{STAR}')
    assert told(source) == {setting: ("shop/settings/prod.py", 2)}


@pytest.mark.parametrize("named", ["", "# file: manage.py\nimport os\nos.environ['A'] = 'b'\n"])
def test_a_module_that_nothing_else_is_run_with_serves_development_as_well(named):
    source = f"""\
{named}# file: shop/wsgi.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
# file: shop/settings.py
INSTALLED_APPS = []
ROOT_URLCONF = "shop.urls"
DEBUG = make()
ALLOWED_HOSTS = ["localhost"]
{MIDDLEWARE}"""
    accepts(RULE, source)
    development = "DJANGO_SETTINGS_MODULE', 'shop.development"
    managed = f"# file: manage.py\nimport os\nos.environ.setdefault('{development}')\n"
    other = f"# file: shop/development.py\nfrom .settings import *\n{managed}"
    assert set(told(source + other)) == {
        "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
    }  # fmt: skip


ENVIRON = "import environ\nenv = environ.Env()\n"


def test_a_site_that_leaves_https_to_the_environment_is_not_asked_for_the_rest():
    off = f"{ENVIRON}SESSION_COOKIE_SECURE = env.bool('SECURE', False)\n"
    without_hsts = "SECURE_HSTS_SECONDS"
    assert set(told(site(off, without=without_hsts))) == set()
    on = off.replace("False", "True")
    assert set(told(site(on, without=without_hsts))) == {"SECURE_HSTS_SECONDS"}
    assert set(told(site(off, without="ALLOWED_HOSTS"))) == {"ALLOWED_HOSTS"}
    assert set(told(site(f"{off}CSRF_COOKIE_SECURE = False\n"))) == {"CSRF_COOKIE_SECURE"}


STAR = "from .base import *\n"


def test_a_missing_setting_is_likely_a_wrong_one_certain():
    (missing,) = found(RULE, site(without="SESSION_COOKIE_SECURE"))
    (wrong,) = found(RULE, site("SESSION_COOKIE_SECURE = False\n"))
    assert (missing.confidence, wrong.confidence) == (Confidence.LIKELY, Confidence.CERTAIN)


def test_a_value_from_the_base_is_flagged_there_with_the_import_that_brings_it():
    (finding,) = found(RULE, site(base="DEBUG = True\n"))
    assert finding.place.path == "shop/settings/base.py"
    assert [(step.place.path, step.place.line) for step in finding.steps] == [
        ("shop/settings/prod.py", 1)
    ]


def test_a_value_of_the_base_that_production_replaces_is_accepted():
    accepts(RULE, site("DEBUG = False\n", base="DEBUG = True\n"))


def test_two_production_modules_share_one_finding_in_their_base():
    source = f"{site(base='DEBUG = True' + chr(10))}# file: shop/settings/live.py\n{STAR}{SECURE}"
    assert [finding.place.path for finding in found(RULE, source)] == ["shop/settings/base.py"]


@pytest.mark.parametrize("module", ["dev", "test", "local", "ci"])
def test_other_environments_may_be_open(module):
    accepts(RULE, f"{site()}# file: shop/settings/{module}.py\n{STAR}DEBUG = True\n")


@pytest.mark.parametrize("debug", ["True", "False"])
def test_one_module_for_development_and_production_is_left_alone(debug):
    source = f"""\
# file: manage.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
# file: shop/settings.py
INSTALLED_APPS = []
ROOT_URLCONF = "shop.urls"
DEBUG = {debug}
SECRET_KEY = "django-insecure-1"
{MIDDLEWARE}"""
    accepts(RULE, source)


def test_a_reusable_app_is_left_alone():
    accepts(
        RULE, "# file: tests/settings.py\nSECRET_KEY = 'x'\nDEBUG = True\nINSTALLED_APPS = []\n"
    )


@pytest.mark.parametrize(
    "middleware",
    [
        "MIDDLEWARE = []",
        "MIDDLEWARE = make()",
        "MIDDLEWARE = ['shop.middleware.SessionMiddleware']",
    ],
)
def test_cookies_that_nobody_sets_need_no_flags(middleware):
    settings = told(site(f"{middleware}\n", without="COOKIE"))
    assert not settings.keys() & {"SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"}


def test_a_csrf_token_in_the_session_needs_no_secure_cookie():
    accepts(RULE, site("CSRF_USE_SESSIONS = True\n", without="CSRF_COOKIE_SECURE"))


def test_without_security_middleware_its_settings_are_not_asked_for():
    (finding,) = found(RULE, site("MIDDLEWARE = MIDDLEWARE[1:]\n", without="SECURE_"))
    assert finding.message.startswith("SecurityMiddleware is not in MIDDLEWARE")


def test_security_middleware_of_the_project_is_trusted():
    accepts(RULE, site("MIDDLEWARE = ['shop.http.SecureHeaders']\n", without="SECURE_"))


def test_a_site_of_many_domains_checks_hosts_itself():
    own = "MIDDLEWARE += ['shop.http.DomainMiddleware']\n"
    accepts(RULE, site(f"ALLOWED_HOSTS = ['*']\n{own}"))
    accepts(RULE, site(f"ALLOWED_HOSTS = ['*']\n{own}if who_knows():\n    MIDDLEWARE += ['x']\n"))


def with_nginx(source, text):
    return audit_files({**split_files(source), "deploy/nginx.conf": text}, (RULE,)).findings


def test_what_the_web_server_does_need_not_be_done_again():
    nginx = (
        "return 301 https://$host$request_uri;\n"
        'add_header Strict-Transport-Security "max-age=31536000";\n'
    )
    assert not with_nginx(site(without="SECURE_"), nginx)
    commented = "".join(f"# {line}\n" for line in nginx.splitlines())
    assert len(with_nginx(site(without="SECURE_"), commented)) == 2


def test_flags_a_proxy_whose_scheme_is_not_read():
    nginx = "listen 443 ssl;\nproxy_set_header X-Forwarded-Proto $scheme;\n"
    (finding,) = with_nginx(site(), nginx)
    assert finding.message.startswith("SECURE_PROXY_SSL_HEADER is not set")
    assert "deploy/nginx.conf" in finding.message
    header = "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')\n"
    assert not with_nginx(site(header), nginx)


def test_a_proxy_that_is_configured_elsewhere_may_redirect():
    header = "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')\n"
    accepts(RULE, site(header, without="SECURE_SSL_REDIRECT"))


def test_settings_that_import_each_other_are_one_finding():
    source = f"""\
{WSGI}# file: shop/settings/prod.py
from .base import *
DEBUG = True
# file: shop/settings/base.py
ROOT_URLCONF = "shop.urls"
from .prod import *
INSTALLED_APPS = []
"""
    (finding,) = [each for each in found(RULE, source) if "circle" in each.message]
    assert str(finding.place) == "shop/settings/base.py:2:1"


def test_a_syntax_error_in_the_base_leaves_nothing_sure():
    files = split_files(site(without="SECURE", base="this is no python\n"))
    result = audit_files(files, (RULE,))
    assert [problem.path for problem in result.problems] == ["shop/settings/base.py"]
    assert not result.findings


def test_mends_a_value_in_the_production_module():
    source = site("SESSION_COOKIE_SECURE = (\n    False\n)  # later\nDEBUG: bool = True\n")
    text = mended(source)["shop/settings/prod.py"]
    assert text.endswith("SESSION_COOKIE_SECURE = (\n    True\n)  # later\nDEBUG: bool = False\n")


def test_mends_a_value_of_the_base_in_production_alone():
    source = site(base="DEBUG = True\nSECRET_KEY = 'known'\n")
    files = mended(source)
    assert files["shop/settings/base.py"] == split_files(source)["shop/settings/base.py"]
    text = files["shop/settings/prod.py"]
    assert text.startswith("import os\nfrom .base import *\n")
    assert text.endswith('DEBUG = False\nSECRET_KEY = os.environ["SECRET_KEY"]\n')


def test_mends_missing_settings_at_the_end():
    files = mended(site(without="SECURE").removesuffix("\n"))
    assert files["shop/settings/prod.py"].split("\n")[-5:] == [
        "SECURE_SSL_REDIRECT = True",
        "SECURE_HSTS_SECONDS = 3600",
        "SESSION_COOKIE_SECURE = True",
        "CSRF_COOKIE_SECURE = True",
        "",
    ]


def test_keeps_the_line_ends_of_the_file():
    files = {
        path: text.replace("\n", "\r\n")
        for path, text in split_files(site(without="CSRF_COOKIE_SECURE")).items()
    }
    (finding,) = audit_files(files, (RULE,)).findings
    assert finding.fix.edits[0].text == "CSRF_COOKIE_SECURE = True\r\n"


def test_a_value_in_a_condition_is_not_mended():
    (finding,) = found(RULE, site("if True:\n    DEBUG = True\n"))
    assert finding.fix is None


def test_does_not_delete_a_comment():
    (finding,) = found(RULE, site("DEBUG = (  # on\n    True  # for now\n) or (1  # or\n)\n"))
    assert finding.fix is None


def test_a_class_that_other_environments_are_made_from_is_none_itself():
    accepts(
        RULE,
        """# file: manage.py
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
# file: shop/wsgi.py
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
# file: shop/settings.py
from configurations import Configuration


class Production(Configuration):
    INSTALLED_APPS = ["shop"]
    SECRET_KEY = "in the repository"


class Secure:
    SECRET_KEY = os.environ["SECRET_KEY"]


class SecureProduction(Secure, Production):
    pass
""",
    )


def test_a_circle_that_finds_its_names_bound_is_none():
    told = found(
        RULE,
        """# file: shop/wsgi.py
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
# file: shop/settings.py
INSTALLED_APPS = ["shop"]
DEBUG = False
from .local_settings import *
# file: shop/local_settings.py
from .settings import INSTALLED_APPS
INSTALLED_APPS += ["toolbar"]
""",
    )
    assert not [finding.message for finding in told if "circle" in finding.message]
