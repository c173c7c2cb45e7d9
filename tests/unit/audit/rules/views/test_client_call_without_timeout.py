import pytest

from tests.audit_cases import accepts, flags, rewrites

RULE = "client_call_without_timeout"

PATIENT = [
    "import requests\nrequests.get(url)\n",
    "import requests as r\nr.post(url, json={})\n",
    "import requests\nrequests.get(url=url)\n",
    "from requests import get\nget(url)\n",
    "import requests\nrequests.request('GET', url)\n",
    "import requests\nrequests.Session().get(url)\n",
    "import requests\nrequests.get(url, timeout=None)\n",
    "from urllib.request import urlopen\nurlopen(url)\n",
    "import urllib.request\nurllib.request.urlopen(url, data)\n",
    "import http.client\nhttp.client.HTTPSConnection(host)\n",
    "import smtplib\nsmtplib.SMTP(host, 25)\n",
    "import smtplib\nsmtplib.SMTP()\n",
    "import ftplib\nftplib.FTP(host)\n",
    "import imaplib\nimaplib.IMAP4_SSL(host)\n",
    "import socket\nsocket.create_connection((host, 80))\n",
    "import urllib3\nurllib3.request('GET', url)\n",
    "import urllib3\npool = urllib3.PoolManager()\npool.request('GET', url)\n",
    "import httpx\nhttpx.get(url, timeout=None)\n",
    "import httpx\nhttpx.AsyncClient(timeout=None)\n",
]


@pytest.mark.parametrize("source", PATIENT)
def test_flags_what_waits_for_ever(source):
    flags(RULE, source)


@pytest.mark.parametrize(
    "source",
    [
        "import requests\nrequests.get(url, timeout=5)\n",
        "import requests\nrequests.get(url, timeout=limit)\n",
        "import requests\nrequests.get(url, **options)\n",
        "import requests\nrequests.get(*arguments)\n",
        "import httpx\nhttpx.get(url)\n",
        "import httpx\nhttpx.Client()\n",
        "import aiohttp\naiohttp.ClientSession().get(url)\n",
        "from urllib.request import urlopen\nurlopen(url, None, 10)\n",
        "from urllib.request import urlopen\nurlopen('file:///etc/hosts')\n",
        "from urllib.request import urlopen\nurlopen(f'file://{path}')\n",
        "from urllib.request import urlopen\nurlopen(Path(name).as_uri())\n",
        "import socket\nsocket.create_connection((host, 80), 3)\n",
        "import socket\nsocket.setdefaulttimeout(5)\nimport smtplib\nsmtplib.SMTP(host)\n",
        "import ftplib\nftplib.FTP()\n",  # connects later, perhaps with a timeout
        "import poplib\npoplib.POP3(host, 110, 10)\n",
        "import urllib3\npool = urllib3.PoolManager(timeout=3)\npool.request('GET', url)\n",
    ],
)
def test_leaves_a_bounded_call_alone(source):
    accepts(RULE, source)


@pytest.mark.parametrize(
    "source",
    [
        "def view(requests):\n    return requests.get(1)\n",
        "import requests\ndef view(requests):\n    return requests.get(1)\n",
        "import requests\nclosed = requests.get(pk=1)\n",
        "requests.get(url)\n",
        "from shop.http import requests\nrequests.get(url)\n",
        "import requests\ncache.get(url)\n",
        "import requests\nclass A:\n    def f(self):\n        return self.get(url)\n",
        (
            "try:\n    from urllib.request import urlopen\nexcept ImportError:\n"
            "    from urllib2 import urlopen\nurlopen(url)\n"
        ),
    ],
)
def test_leaves_other_callables_of_the_same_name_alone(source):
    accepts(RULE, source)


@pytest.mark.parametrize(
    "source",
    [
        "import requests\nwith timeout(5):\n    requests.get(url)\n",
        "import requests, gevent\nwith gevent.Timeout(5):\n    requests.get(url)\n",
        "import requests\n@timeout_decorator.timeout(5)\ndef f():\n    requests.get(url)\n",
        "import requests\n@app.task(time_limit=60)\ndef f():\n    requests.get(url)\n",
    ],
)
def test_leaves_a_call_with_a_deadline_around_it_alone(source):
    accepts(RULE, source)


@pytest.mark.parametrize(
    "source",
    [
        "import requests\ndef f():\n    s = requests.Session()\n    s.get(url)\n",
        "import requests\ndef f():\n    with requests.Session() as s:\n        s.get(url)\n",
        "import requests\ns = requests.session()\ndef f():\n    s.get(url)\n",
        (
            "import requests\nclass A:\n    def __init__(self):\n"
            "        self.http = requests.Session()\n    def f(self):\n        self.http.get(url)\n"
        ),
        (
            "import requests\nclass A:\n    http = requests.Session()\n"
            "    def f(self):\n        self.http.get(url)\n"
        ),
        (
            "import requests\nfrom requests.adapters import HTTPAdapter\ns = requests.Session()\n"
            "s.mount('https://', HTTPAdapter(max_retries=3))\ns.get(url)\n"
        ),
        (
            "import requests\ns: requests.Session = requests.Session()\ns.headers['A'] = 'b'\n"
            "s.request('GET', url)\n"
        ),
    ],
)
def test_follows_a_session_to_its_calls(source):
    flags(RULE, source)


@pytest.mark.parametrize(
    "source",
    [
        "import requests\ndef f(s):\n    s.get(url)\n",
        "import requests\ns = requests.Session()\ns = Bounded()\ns.get(url)\n",
        "import requests\ns = requests.Session()\ns.mount('https://', Bounded())\ns.get(url)\n",
        (
            "import requests\ns = requests.Session()\ns.request = partial(s.request, timeout=3)\n"
            "s.get(url)\n"
        ),
        "import requests\ns = requests.Session()\nset_up(s)\ns.get(url)\n",
        "import requests\nclass S(requests.Session):\n    pass\ns = S()\ns.get(url)\n",
        (
            "import requests\nclass A:\n    def __init__(self, http=None):\n"
            "        self.http = http or requests.Session()\n    def f(self):\n"
            "        self.http.get(url)\n"
        ),
        "import requests\ns = requests.Session()\ns.get(url, timeout=3)\n",
        "import requests\ns = requests.Session()\ns.close()\n",
        "import requests\nfor s in sessions(requests.Session()):\n    s.get(url)\n",
    ],
)
def test_says_nothing_of_a_session_that_may_have_a_timeout(source):
    accepts(RULE, source)


def test_leaves_tests_alone():
    accepts(RULE, "import requests\nrequests.get(url)\n", path="shop/tests/test_views.py")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("requests.get(url)", "requests.get(url, timeout=10)"),
        ("requests.get((url))", "requests.get((url), timeout=10)"),
        ("requests.get(url,)", "requests.get(url, timeout=10,)"),
        ("requests.get(url, timeout=None)", "requests.get(url, timeout=10)"),
        ("requests.get(x for x in y)", "requests.get((x for x in y), timeout=10)"),
        ("requests.get(\n    url\n)", "requests.get(\n    url,\n    timeout=10\n)"),
        ("requests.get(\n    url,\n)", "requests.get(\n    url,\n    timeout=10,\n)"),
        (
            "requests.get(\n\turl,  # ask, (first)\n\t# then\n)",
            "requests.get(\n\turl,  # ask, (first)\n\t# then\n\ttimeout=10,\n)",
        ),
        (
            "requests.get(\n    url  # ask, (first)\n)",
            "requests.get(\n    url,  # ask, (first)\n    timeout=10\n)",
        ),
        ("requests.get(url,\n    json=a)", "requests.get(url,\n    json=a, timeout=10)"),
        (
            "requests.post(url, json={\n    'a': 1,\n})",
            "requests.post(url, json={\n    'a': 1,\n}, timeout=10)",
        ),
        (
            "requests.post(url, json={\n    'a': 1,\n}\n)",
            "requests.post(url, json={\n    'a': 1,\n}, timeout=10\n)",
        ),
        (
            "requests.get(\r\n    'é'\r\n    'ü',\r\n)",
            "requests.get(\r\n    'é'\r\n    'ü',\r\n    timeout=10,\r\n)",
        ),
        (
            "requests.get(\n    (\n        url\n    ),\n)",
            "requests.get(\n    (\n        url\n    ), timeout=10,\n)",
        ),
        ("'ß' + requests.get('é').text", "'ß' + requests.get('é', timeout=10).text"),
    ],
)
def test_adds_a_timeout_in_the_layout_of_the_call(before, after):
    rewrites(RULE, f"import requests\n\nx = {before}\n", f"import requests\n\nx = {after}\n")


def test_adds_a_timeout_to_a_call_without_arguments():
    rewrites(
        RULE,
        "import smtplib\nsmtplib.SMTP()\n",
        "import smtplib\nsmtplib.SMTP(timeout=10)\n",
    )


SOCKET_DEFAULT = "# file: shop/settings.py\nimport socket\nsocket.setdefaulttimeout(5)\n"
PATCHED_REQUESTS = (
    "# file: shop/patches.py\nfrom requests.adapters import HTTPAdapter\n"
    "def patch():\n    HTTPAdapter.send = bounded_send\n"
)
URLOPEN = "# file: shop/views.py\nfrom urllib.request import urlopen\nurlopen(url)\n"
REQUESTS = "# file: shop/views.py\nimport requests\nrequests.get(url)\n"


@pytest.mark.parametrize("source", [SOCKET_DEFAULT + URLOPEN, PATCHED_REQUESTS + REQUESTS])
def test_honours_a_default_for_the_whole_process(source):
    accepts(RULE, source)


@pytest.mark.parametrize(
    "source",
    [
        SOCKET_DEFAULT + REQUESTS,  # requests does not look at it
        PATCHED_REQUESTS + URLOPEN,
        SOCKET_DEFAULT.replace("(5)", "(None)") + URLOPEN,
        SOCKET_DEFAULT.replace("shop/", "tests/") + URLOPEN,
    ],
)
def test_flags_what_no_default_reaches(source):
    flags(RULE, source)
