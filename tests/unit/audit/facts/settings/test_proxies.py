import pytest

from praxis.audit.facts.settings.proxies import Proxy, proxy_of
from praxis.audit.facts.sources import Root, list_sources
from praxis.audit.project import Project

TLS = "server {\n  listen 443 ssl;\n  proxy_set_header X-Forwarded-Proto $scheme;\n}\n"


def proxy_from(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return proxy_of(Project(Root(folder, ()), {}, {}, list_sources(folder).configurations))


def test_a_project_without_a_web_server_shows_nothing(tmp_path):
    assert proxy_from(tmp_path, {"shop/views.py": "return 301 https://x"}) == Proxy()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("nginx.conf", "return 301 https://$host$request_uri;"),
        ("deploy/nginx/site", "rewrite ^ https://$host permanent;"),
        ("apache/site.conf", "Redirect permanent / https://shop.example/"),
        ("haproxy.cfg", "redirect scheme https if !{ ssl_fc }"),
        ("docker-compose.yml", "- traefik.http.middlewares.x.redirectscheme.scheme=https"),
        ("k8s/ingress.yaml", "nginx.ingress.kubernetes.io/force-ssl-redirect: 'true'"),
    ],
)
def test_knows_a_redirect_to_https(tmp_path, path, text):
    assert proxy_from(tmp_path, {path: text}).redirects


def test_knows_hsts(tmp_path):
    text = "add_header Strict-Transport-Security max-age=1;"
    assert proxy_from(tmp_path, {"nginx.conf.template": text}).sends_hsts


def test_knows_a_proxy_that_ends_tls(tmp_path):
    found = proxy_from(tmp_path, {"deploy/nginx.conf": TLS})
    assert (found.tells_scheme, found.path, found.redirects) == (True, "deploy/nginx.conf", False)


def test_comments_and_installed_packages_show_nothing(tmp_path):
    commented = "\n".join(f"# {line}" for line in TLS.splitlines())
    files = {"nginx.conf": commented, "node_modules/a/nginx.conf": TLS, ".git/nginx.conf": TLS}
    assert proxy_from(tmp_path, files) == Proxy()


def test_passes_over_what_it_cannot_read(tmp_path):
    (tmp_path / "nginx.conf").symlink_to(tmp_path / "gone")
    (tmp_path / "huge.conf").write_text(TLS * 5000)
    (tmp_path / "binary.conf").write_bytes(b"\xff\xfe\x00")
    assert proxy_from(tmp_path, {}) == Proxy()
