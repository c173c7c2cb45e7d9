import gzip
import socket
import ssl
import subprocess
import sys
import textwrap

import pytest

from praxis.audit.findings import Severity
from praxis.doctor import Target, examine
from tests.integration.doctor.asking import ask
from tests.integration.doctor.web.conftest import make_certificate, serving

GOOD = {
    "Content_Security_Policy": "default-src 'self'; frame-ancestors 'none'",
    "Strict_Transport_Security": "max-age=31536000",
    "X_Content_Type_Options": "nosniff",
    "Referrer_Policy": "same-origin",
}


def settings_of(finding):
    return next(one.text for one in finding.remedies if one.kind == "settings.py")


# Headers.


def test_headers_that_lack_and_those_that_do_not(site):
    [finding] = ask("security_headers", site.target)
    assert "get the grade D (30 of 100)" in finding.message
    assert finding.severity is Severity.ERROR
    assert [name for name, _ in finding.evidence] == [
        "Content-Security-Policy",
        "Strict-Transport-Security",
        "X-Frame-Options",
        "X-Content-Type-Options",
    ]
    assert "SECURE_HSTS_SECONDS" in settings_of(finding)
    site.says(**GOOD)
    assert ask("security_headers", site.target) == []


def test_a_site_that_lets_every_other_one_read(site):
    site.says(**GOOD)
    good = site.pages["/"]

    def repeat(headers):
        status, said, body = good
        origin = headers.get("Origin")
        if origin:
            said = [
                *said,
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Allow-Credentials", "true"),
            ]
        return status, said, body

    site.pages["/"] = repeat
    [finding] = ask("security_headers", site.target)
    assert "grade C (50 of 100)" in finding.message
    site.pages["/"] = good
    assert ask("security_headers", site.target) == []


def test_cookies_without_their_flags(site):
    site.says(
        Set_Cookie=[
            "sessionid=abc; Path=/",
            "csrftoken=abc; Secure; SameSite=Lax",
            "basket=1; Secure; HttpOnly",
        ]
    )
    session, basket = ask("cookie_flags", site.target)
    assert session.severity is Severity.ERROR
    assert settings_of(session).splitlines() == [
        "SESSION_COOKIE_SECURE = True",
        "SESSION_COOKIE_HTTPONLY = True",
        'SESSION_COOKIE_SAMESITE = "Lax"',
    ]
    assert settings_of(basket) == "response.set_cookie('basket', ..., samesite=\"Lax\")"
    site.says(
        Set_Cookie=[
            "sessionid=abc; Secure; HttpOnly; SameSite=Lax",
            "csrftoken=x; Secure; SameSite=Lax",
        ]
    )
    assert ask("cookie_flags", site.target) == []


# The way there.


def test_a_site_that_answers_unencrypted_and_one_that_sends_away(site):
    with serving() as plain:
        target = Target(
            server="web", where="it", parameters={"url": site.url, "plain_url": plain.url}
        )
        plain.says()
        [finding] = ask("unencrypted_pages", target)
        assert "answers 200 without encryption" in finding.message
        plain.says(status=302, Location="http://elsewhere.example/")
        [finding] = ask("unencrypted_pages", target)
        assert "leads to http://elsewhere.example/" in finding.message
        plain.says(status=301, Location=site.url)
        assert ask("unencrypted_pages", target) == []
    assert ask("unencrypted_pages", target) == []  # nobody answers any more


def test_a_site_of_this_machine_alone_may_be_unencrypted(plain_site):
    assert ask("unencrypted_pages", plain_site.target) == []


def test_a_certificate_that_nobody_trusts(site):
    assert ask("certificate", site.target) == []
    stranger = Target.at("web", site.url)
    [finding] = ask("certificate", stranger)
    assert "self-signed certificate" in finding.message
    assert finding.severity is Severity.ERROR


def test_a_certificate_of_another_name(site):
    url = site.url.replace("localhost", "127.0.0.1")
    target = Target(server="web", where=url, parameters={**site.target.parameters, "url": url})
    [finding] = ask("certificate", target)
    assert "IP address mismatch" in finding.message


def test_a_certificate_that_ends_soon(tmp_path):
    with serving(make_certificate(tmp_path, days=5)) as site:
        site.says()
        [finding] = ask("certificate", site.target)
        assert "ends in 5 days" in finding.message
    with serving(make_certificate(tmp_path, days=60)) as site:  # renewed
        site.says()
        assert ask("certificate", site.target) == []


def context_of(low, high):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = low, high
    return context


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_versions_of_tls_that_are_broken(certificate):
    version = ssl.TLSVersion
    with serving(certificate, context_of(version.TLSv1, version.TLSv1_2)) as site:
        site.says()
        broken, old = ask("old_tls", site.target)
        assert "speaks TLS 1.0 and 1.1" in broken.message
        assert "does not speak TLS 1.3" in old.message
    with serving(certificate, context_of(version.TLSv1_2, version.TLSv1_3)) as site:
        site.says()
        assert ask("old_tls", site.target) == []


def test_http_2_is_offered_or_not(certificate, site):
    [finding] = ask("http2", site.target)
    assert ("chosen", "nothing") in finding.evidence
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with serving(certificate, context) as modern:
        modern.says()
        assert ask("http2", modern.target) == []


# What is sent.


def test_text_that_is_not_compressed(plain_site):
    page = '<link rel="stylesheet" href="site.css"><script src="/app.js"></script>' + "<p>x" * 2000
    plain_site.says(body=page)
    plain_site.says("/site.css", body="a{}" * 2000, Content_Type="text/css")
    plain_site.says("/app.js", body=gzip.compress(b"1;" * 3000), Content_Type="text/javascript",
                    Content_Encoding="gzip")  # fmt: skip
    [finding] = ask("compression", plain_site.target)
    assert [name.rpartition("/")[2] for name, _ in finding.evidence] == ["", "site.css"]
    plain_site.says(body=gzip.compress(page.encode()), Content_Encoding="gzip")
    [finding] = ask("compression", plain_site.target)  # files are found in the packed page, too
    assert len(finding.evidence) == 1
    plain_site.says("/site.css", body=gzip.compress(b"a{}" * 2000), Content_Type="text/css",
                    Content_Encoding="gzip")  # fmt: skip
    assert ask("compression", plain_site.target) == []


def test_static_files_that_are_fetched_again(plain_site):
    names = ["site.0123456789ab.css", "plain.css", "https://cdn.example/x.css"]
    links = "".join(f'<link rel="stylesheet" href="{name}">' for name in names)
    plain_site.says(body=links)
    plain_site.says("/site.0123456789ab.css", Content_Type="text/css", ETag='"x"')
    plain_site.says("/plain.css", Content_Type="text/css")
    [finding] = ask("static_files", plain_site.target)
    assert finding.message.startswith("2 of 2 static files")
    plain_site.says(
        "/site.0123456789ab.css",
        Content_Type="text/css",
        Cache_Control="max-age=31536000, immutable",
    )
    plain_site.says("/plain.css", Content_Type="text/css", ETag='"x"')
    assert ask("static_files", plain_site.target) == []


def test_a_connection_that_is_closed_each_time(plain_site):
    assert ask("keep_alive", plain_site.target) == []
    with serving(version="HTTP/1.0") as old:
        old.says()
        [finding] = ask("keep_alive", old.target)
        assert ("HTTP version", "1.0") in finding.evidence


DJANGO = """
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import path

urlpatterns = [path("only-this/", print)]
settings.configure(
    DEBUG=sys.argv[1] == "True", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x"
)
WSGIRequestHandler.log_message = lambda *_: None
server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=WSGIRequestHandler)
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.mark.parametrize("debug", [True, False])
def test_djangos_debug_pages(debug, tmp_path):
    script = tmp_path / "site_under_test.py"
    script.write_text(textwrap.dedent(DJANGO))
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", script, str(debug)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            port = int(process.stdout.readline())
            found = ask("debug_pages", Target.at("web", f"http://127.0.0.1:{port}/"))
        finally:
            process.kill()
    assert [finding.severity for finding in found] == ([Severity.ERROR] if debug else [])


# Getting there.


def test_follows_a_redirect_of_the_same_host(plain_site):
    plain_site.says(status=302, Location="/en/")
    plain_site.says("/en/", Set_Cookie="basket=1; SameSite=Lax")
    [finding] = ask("cookie_flags", plain_site.target)
    assert "basket" in finding.message


def test_goes_round_in_circles_only_so_often(plain_site):
    plain_site.says(status=302, Location="/")
    assert examine([plain_site.target]).exit_code in (0, 1)


def test_a_server_that_does_not_answer_is_one_line(plain_site):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        examination = examine([Target.at("web", f"http://127.0.0.1:{port}/")], budget_s=0.5)
    assert examination.exit_code == 2
    assert "timed out" in examination.unanswered[0].reason
    gone = examine([Target.at("web", f"https://127.0.0.1:{port}/")])
    assert "refused" in gone.unanswered[0].reason
    wrong = examine([Target.at("web", plain_site.url.replace("http:", "https:"))])
    assert "\n" not in wrong.unanswered[0].reason


def test_asks_with_get_alone(plain_site):
    asked = []
    said = plain_site.pages["/"]

    def page(headers):
        asked.append(headers)
        return said

    plain_site.pages["/"] = page  # the server knows do_GET alone: all else is answered 501
    examination = examine([plain_site.target])
    assert examination.unanswered == []
    assert len(asked) < 10
