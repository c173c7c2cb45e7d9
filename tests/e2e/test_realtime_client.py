"""The JavaScript client in a real browser, against a real server that is restarted under it."""

import pytest

from praxis.realtime import publish
from tests.e2e.chromium import browser
from tests.integration.realtime.conftest import CHANNELS, configured, server
from tests.integration.realtime.sites import serve
from tests.integration.redis_settings import configure_redis, shared_server

__all__ = ["configure_redis", "configured", "server", "shared_server"]

pytestmark = [pytest.mark.redis, pytest.mark.timeout(180)]
SETTINGS = {"channels": CHANNELS, "retry_s": 0.2, "heartbeat_s": 1.0}


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


def visit(tab, site, transport, meanwhile=""):
    url = f"http://127.0.0.1:{site.port}/page/?transport={transport}&meanwhile={meanwhile}"
    tab.call("Page.navigate", url=url)
    tab.wait_for("location.pathname === '/page/' && typeof states !== 'undefined'")


def failures(tab):
    return [each for each in tab.events if each.get("method") == "Runtime.exceptionThrown"]


@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_a_page_hears_everything_over_a_restart_of_the_server(tab, server, configured, transport):
    tab.events.clear()
    with serve(server.url, SETTINGS) as site:
        visit(tab, site, transport, meanwhile="before")
        tab.call("Network.setCookie", name="user", value="5", url=f"http://127.0.0.1:{site.port}")
        tab.wait_for("states.includes('live') && seen.length === 1")
        assert tab.ask("seen") == ["before"]  # published between the position and the page
        publish("orders", {"n": 1})
        tab.wait_for("seen.length === 2")
        site.terminate()
        assert site.process.wait(30) in (0, -15)
        tab.wait_for("document.querySelector('praxis-live').live.state !== 'live'")
        publish("orders", {"n": 2})
        publish("orders", {"n": 3})
        with serve(server.url, SETTINGS, port=site.port):
            tab.wait_for("seen.length === 4")
            publish("orders", {"n": 4})
            tab.wait_for("seen.length === 5 && here.includes('5')")
            assert tab.ask("seen") == ["before", *({"n": n} for n in (1, 2, 3, 4))]
            assert tab.ask("resets") == []
            assert tab.ask("document.querySelector('praxis-live').live.state") == "live"
    assert failures(tab) == []


@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_who_is_not_allowed_is_told_and_does_not_ask_again(tab, server, configured, transport):
    tab.events.clear()
    with serve(server.url, SETTINGS) as site:
        visit(tab, site, "sse")
        tab.ask(f"""
            import('/static/praxis/realtime.js').then(({{ subscribe }}) => {{
              window.refusals = [];
              window.other = subscribe('staff', {{
                transport: '{transport}', refused: (...what) => refusals.push(what),
              }});
            }})""")
        if transport == "sse":
            tab.wait_for("other.state === 'refused'")
            assert tab.ask("refusals") == [[["staff"], 403]]
        else:  # a browser does not say why a WebSocket was not opened: it goes on trying
            tab.wait_for("other.state === 'waiting'")
        tab.ask("other.close()")
        assert tab.ask("other.state") == "closed"
    assert failures(tab) == []


def test_channels_come_and_go_while_the_page_is_open(tab, server, configured):
    with serve(server.url, SETTINGS) as site:
        for transport in ("sse", "websocket"):
            visit(tab, site, transport)
            tab.wait_for("states.includes('live')")
            tab.ask("document.querySelector('praxis-live').live.add('prices')")
            tab.wait_for("document.querySelector('praxis-live').live.at.match(/_/) === null")
            tab.wait_for("document.querySelector('praxis-live').live.state === 'live'")
            publish("prices", transport)
            tab.wait_for(f"seen.includes('{transport}')")
            tab.ask("document.querySelector('praxis-live').live.remove('prices')")
            tab.wait_for("document.querySelector('praxis-live').live.state === 'live'")
            publish("prices", "unheard")
            publish("orders", "last")
            tab.wait_for("seen.includes('last')")
            assert not tab.ask("seen.includes('unheard')")
