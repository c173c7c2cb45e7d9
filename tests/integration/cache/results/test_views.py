"""Pages on real servers: kept, and never older than what was written before they were asked."""

import asyncio
import threading
from copy import deepcopy

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as configured  # noqa: TID251 - views are added to them
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection as current
from django.db import transaction
from django.db.models import Count, Prefetch
from django.test import AsyncClient, Client, override_settings

from praxis.cache import bypass, cached, remember
from praxis.cache.store import Store
from tests.integration.cache.points import elsewhere, learn, queries
from tests.integration.cache.results import site

pytestmark = pytest.mark.redis


@pytest.fixture
def shop(library):
    """The site of the library."""
    site.runs.clear()
    praxis = deepcopy(configured.PRAXIS)
    praxis["cache"]["views"] = site.VIEWS
    praxis["cache"]["models"] = praxis["cache"]["models"] | {"auth.*": {}}
    with override_settings(**site.SETTINGS, PRAXIS=praxis):
        yield library


def get(page, client=None, **headers):
    return (client or Client()).get(f"/{page}", headers=headers)


def fresh(page, client=None):
    """What the page is without any cache."""
    with bypass():
        return get(page, client).content


def save(m):
    book = m.Book.objects.get(pk=1)
    book.title += "s"
    book.save()


def raw(_):
    with current.cursor() as cursor:
        cursor.execute("UPDATE library_book SET title = 'raw' WHERE id = 1")


def atomic(m):
    with transaction.atomic():
        m.Book.objects.create(title="Y", author_id=1)
        m.Author.objects.filter(pk=2).update(name="Z")


def update(m):
    m.Book.objects.filter(pk=1).update(title="updated")


def rename_author(m):
    m.Author.objects.filter(pk=1).update(name="renamed")


WRITES = [
    save,
    update,
    raw,
    rename_author,
    atomic,
    lambda m: m.Book.objects.create(title="created", author_id=1),
    lambda m: m.Book.objects.filter(pk=1).delete(),
]


@pytest.mark.parametrize("page", site.PAGES)
def test_a_page_is_kept_until_something_is_written_that_it_read(shop, page):
    get(page)
    learn(shop)
    before = get(page).content
    for write in WRITES:
        site.runs.clear()
        assert get(page).content == before
        assert site.runs == (["fragment"] if page == "fragment" else [])  # around it the view runs
        elsewhere(lambda: write(shop))  # noqa: B023 - it runs now
        after = get(page).content
        assert after == fresh(page)
        reads_authors = page not in {"raw", "later_class"}
        assert after != before or (write is rename_author and not reads_authors)
        before = after


@pytest.mark.parametrize(
    ("page", "write", "is_kept"),
    [
        ("tags", lambda m: m.Book.objects.get(pk=1).tags.add(3), False),
        ("tags", lambda m: m.Book.objects.get(pk=1).tags.clear(), False),
        ("tags", lambda m: m.Tag.objects.filter(pk=1).update(name="Z"), False),
        ("tags", lambda m: m.Country.objects.create(name="Z"), True),
        ("author", lambda m: m.Book.objects.filter(pk=1).update(pages=9), False),
        ("author", lambda m: m.Book.objects.filter(pk=3).update(author=1), False),
        ("author", lambda m: m.Book.objects.filter(pk=3).update(pages=9), True),
        ("sells", lambda m: m.Book.objects.filter(pk=1).update(for_sale=False), False),
    ],
)
def test_it_ends_by_what_it_read_and_by_nothing_else(shop, vendor, page, write, is_kept):
    get(page)
    learn(shop)
    get(page)
    site.runs.clear()
    elsewhere(lambda: write(shop))
    assert get(page).content == fresh(page)
    if vendor == "postgresql":  # SQLite's updates void whole tables
        assert (len(site.runs) == 1) == is_kept


def test_a_hit_asks_the_database_for_nothing(shop, connection):
    get("template")
    _, sent = queries(connection, lambda: get("template"))
    assert sent == []


def test_a_page_that_reads_what_nobody_watches_is_not_kept(shop):
    get("sessions")
    assert "django_session" in get("sessions").headers["X-Praxis-Cache"]
    assert len(site.runs) == 2


MOMENTS = [
    "before_recall", "after_recall", "before_read", "after_read", "before_fill", "after_fill",
    "before_keep", "after_keep",
]  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("page", ["template", "page_of_function"])
def test_a_page_that_was_made_while_something_was_written_is_not_old(shop, points, page, moment):
    get(page)
    learn(shop)
    elsewhere(lambda: shop.Book.objects.filter(pk=2).update(title="X"))  # nothing is kept now
    done = points.at(moment, lambda: elsewhere(lambda: atomic(shop)))
    get(page)
    assert done
    assert get(page).content == fresh(page)
    assert get(page).content == fresh(page)


def test_an_instance_that_is_older_than_a_write_ends_up_in_nothing_that_is_kept(shop):
    @cached(60, key="title of")
    def title(book):
        return book.title

    held = shop.Book.objects.get(pk=1)
    elsewhere(lambda: shop.Book.objects.filter(pk=1).update(title="Z"))
    assert title(held) == "Z"
    assert title(shop.Book.objects.get(pk=1)) == "Z"
    elsewhere(lambda: shop.Book.objects.filter(pk=1).update(title="Y"))
    assert title(held) == "Y"


@pytest.mark.parametrize(
    "read",
    [
        lambda m: m.Book.objects.annotate(more=Count("tags")).get(pk=1),
        lambda m: m.Book.objects.prefetch_related("tags").get(pk=1),
        lambda m: m.Book.objects.prefetch_related(Prefetch("tags", to_attr="more")).get(pk=1),
    ],
    ids=["annotated", "prefetched", "prefetched by a name of its own"],
)
def test_what_an_instance_holds_besides_its_row_is_seen_and_not_kept(shop, read):
    @cached(60, key="more of")
    def more(book):
        site.runs.append("more")
        return repr(getattr(book, "more", None) or list(book.tags.all()))

    for _ in range(2):
        held = read(shop)
        assert more(held) == more.uncached(held)
    assert site.runs.count("more") == 4


def test_an_instance_whose_row_is_gone_is_taken_as_it_is(shop):
    title = cached(60, key="title of")(lambda book: book.title)
    held = shop.Book.objects.get(pk=1)
    elsewhere(lambda: shop.Book.objects.filter(pk=1).delete())
    assert title(held) == held.title


def test_what_a_fragment_is_given_is_read_again(shop):
    with override_settings(ROOT_URLCONF=__name__):
        held.append(shop.Book.objects.select_related("author").get(pk=1))
        elsewhere(lambda: shop.Author.objects.filter(pk=1).update(name="Z"))
        assert b"A Z" in get("held").content
        elsewhere(lambda: shop.Book.objects.filter(pk=1).update(title="Y"))
        assert b"Y Z" in get("held").content


held = []


def show_held(request):
    return site.shown(request, site.CARD, book=held[-1], count=0)


urlpatterns = [site.path("held", show_held)]


def test_a_fragment_outlives_the_page_that_it_is_in(shop):
    client = Client()
    get("card", client)
    learn(shop)
    first = get("card", client)
    elsewhere(lambda: shop.Country.objects.create(name="Z"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.template.base.NodeList.render", first_render_only())
        second = get("card", client)
    assert second.content == first.content.replace(b"2: ", b"3: ")
    elsewhere(lambda: shop.Book.objects.get(pk=1).tags.add(3))
    assert b"odd" in get("card", client).content


def first_render_only():
    """The template as a whole is rendered, and no fragment in it."""
    from django.template.base import NodeList

    original, rendered = NodeList.render, []

    def render(self, context):
        rendered.append(self)
        assert len(rendered) == 1
        return original(self, context)

    return render


def test_of_many_one_makes_the_page(shop):
    barrier, answers = threading.Barrier(16), []

    def ask():
        barrier.wait()
        answers.append(get("plain").content)

    threads = [threading.Thread(target=lambda: elsewhere(ask)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(site.runs) == 1
    assert set(answers) == {fresh("plain")}


def test_in_one_event_loop_one_computes_and_the_others_do_not_keep_it_from_that(shop):
    runs = []

    @cached(60, key="shared", wait_s=60)
    async def shared():
        runs.append(1)
        await asyncio.sleep(0)  # the others begin to wait
        return await shop.Book.objects.acount()

    async def ask():
        return await asyncio.gather(*(shared() for _ in range(8)))

    assert async_to_sync(ask)() == [4] * 8
    assert len(runs) == 1


def test_an_unchanged_page_is_304_until_it_changes(shop, connection):
    etag = get("template").headers["ETag"]
    answer, sent = queries(connection, lambda: get("template", **{"if-none-match": etag}))
    assert (answer.status_code, sent) == (304, [])
    elsewhere(lambda: rename_author(shop))
    changed = get("template", **{"if-none-match": etag})
    assert (changed.status_code, changed.content) == (200, fresh("template"))
    assert changed.headers["ETag"] != etag


def test_under_asgi(shop):
    async def ask(*pages):
        client = AsyncClient()
        return [(await client.get(f"/{page}")).content for page in pages]

    pages = ["later", "later_class", "template", "remembered_later", "site/template"]
    before = async_to_sync(ask)(*pages)
    site.runs.clear()
    assert async_to_sync(ask)(*pages) == before
    assert site.runs == []
    elsewhere(lambda: update(shop))
    after = async_to_sync(ask)(*pages)
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_users_see_their_own_page_and_themselves_as_they_are(shop):
    clients = {}
    for name in ("ann", "bo"):
        clients[name] = Client()
        clients[name].force_login(User.objects.create(username=name))
    for _ in range(2):
        for name, client in clients.items():
            assert get("me", client).content.startswith(name.encode())
    assert get("me").content.startswith(b": ")
    assert site.runs.count("me") == 3
    User.objects.filter(username="ann").update(username="anna")
    assert get("me", clients["ann"]).content.startswith(b"anna: ")
    response = get("me", clients["bo"])
    assert response.headers["X-Praxis-Cache"] == "hit"
    assert response.headers["Cache-Control"].startswith("private")
    assert "Cookie" in response.headers["Vary"]
    clients["bo"].logout()
    assert get("me", clients["bo"]).content.startswith(b": ")


def test_what_is_remembered_of_a_user_is_read_again(shop):
    user = User.objects.create(username="ann")
    client = Client()
    client.force_login(user)
    assert get("may", client).content == b"False"
    assert get("may", client).headers["X-Praxis-Cache"] == "hit"
    user.user_permissions.add(
        Permission.objects.create(
            codename="add_book", content_type=ContentType.objects.get_for_model(shop.Book)
        )
    )
    assert get("may", client).content == b"True"


def test_a_page_sees_what_its_transaction_wrote_and_nobody_else_does(shop):
    before = get("plain").content
    with transaction.atomic():
        update(shop)
        own = get("plain").content
        assert own != before
        assert elsewhere(lambda: get("plain").content) == before
    assert get("plain").content == own


def test_what_a_page_wrote_is_not_kept(shop):
    def compute():
        shop.Visit.objects.create(page="/")
        shop.Tag.objects.create(name="new")
        return shop.Tag.objects.count()

    assert remember("tags", compute, ttl_s=60) == 4
    assert remember("tags", compute, ttl_s=60) == 5


def test_what_else_it_reads_is_named(shop):
    runs = []
    for _ in range(2):
        remember("rates", lambda: runs.append(1), ttl_s=60, reads=[shop.Country])
    assert len(runs) == 1
    elsewhere(lambda: shop.Country.objects.create(name="Z"))
    remember("rates", lambda: runs.append(1), ttl_s=60, reads=[shop.Country])
    assert len(runs) == 2


def test_a_part_that_counts_shortly_makes_the_whole_count_shortly(shop, monkeypatch):
    kept, keep = {}, Store.keep

    def noted(store, keys, name, collected, payload, *, ttl_ms, **options):
        kept[payload] = ttl_ms
        return keep(store, keys, name, collected, payload, ttl_ms=ttl_ms, **options)

    monkeypatch.setattr(Store, "keep", noted)
    short = cached(5, key="short")(lambda: "short")
    assert cached(60, key="whole")(lambda: f"{short()} and {site.sold()}")().startswith("short")
    assert sorted(kept.values()) == [5000, 5000, 60_000]


def test_what_was_forgotten_is_computed_again(shop):
    site.sold()
    site.sold.forget()
    site.sold()
    assert site.runs == ["function"] * 2


def test_without_redis_pages_are_made_each_time(shop, servers):
    before = get("template").content
    servers.redis.kill()
    assert get("template").content == before
    assert get("fragment").content == before
    assert get("function").content == before[:-2]
    servers.redis.restart()
    assert get("template").content == before
