"""
The main job, end to end: audit the sample shop, mend a copy, measure both, and run it on Redis.

``make demo`` runs it. It writes into ``build/demo`` (or ``--folder``) only, and ends with the
mended shop running at a printed address until Ctrl-C; ``--once`` ends instead.
"""

import argparse
import difflib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from praxis import embedded
from praxis.errors import PraxisError, ServerError
from praxis.prove import Comparison, Page, Site, compare, write_report
from praxis.prove.load import log_in
from praxis.prove.report import Section
from praxis.prove.site import LiveSite

HERE = Path(__file__).resolve().parent
SHOP = HERE / "shop"
PAGES = (
    Page("Home", "/"),
    Page("Category", "/category/{category}/"),
    Page("Sale", "/sale/"),
    Page("Product", "/product/{product}/"),
    Page("Search", "/search/?q=oak"),
    Page("API: products", "/api/products/"),
    Page("My orders", "/account/orders/", "demo"),
    Page("Packing list", "/reports/packing/", "staff"),
    Page("Sales report", "/reports/sales/", "staff"),
)
#: What both versions run on: the development settings, as they would be served.
SETTINGS = """\
from shop.settings.{name} import *

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
SECRET_KEY = "demo-only"
"""
#: What there is to see of the shop on the components, and how.
LIVE_PAGES = {
    "/reports/live/": "orders as they come in: watch as staff, order as demo elsewhere",
    "/best-sellers/": "what sold most this week, counted as it is sold",
    "/account/devices/": "where demo is signed in, and how to end it",
}
PASSWORD = "harbour"  # of every customer that the shop's generator makes

#: The environment, without the settings of whatever site it was made for.
SURROUNDINGS = {
    name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"
}

console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    folder: Path
    once: bool
    sqlite: bool
    products: int
    rounds: int
    duration_s: float


def main() -> int:
    """Run the demo; the exit code is 0 unless something failed."""
    options = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with ExitStack() as stack:
            run(options, stack)
    except KeyboardInterrupt:
        console.print("\nStopped.")
    except PraxisError as error:
        console.print(f"[red]The demo could not go on:[/] {error}", soft_wrap=True)
        return 1
    except subprocess.CalledProcessError as error:
        console.print(f"[red]This failed:[/] {' '.join(map(str, error.cmd))}", soft_wrap=True)
        console.print(error.output or "", markup=False)
        return 1
    return 0


def parse_arguments() -> Options:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=HERE.parent / "build" / "demo", help="where to work"
    )
    parser.add_argument("--once", action="store_true", help="end after the report")
    parser.add_argument("--sqlite", action="store_true", help="SQLite instead of PostgreSQL")
    parser.add_argument("--products", type=int, default=2000, help="how large a shop")
    parser.add_argument("--rounds", type=int, default=3, help="rounds a page")
    parser.add_argument("--seconds", type=float, default=0.8, help="seconds a page and round")
    typed = parser.parse_args()
    return Options(
        typed.folder.resolve(),
        typed.once,
        typed.sqlite,
        typed.products,
        typed.rounds,
        typed.seconds,
    )


def run(options: Options, stack: ExitStack) -> None:
    """All the steps; servers and sites are stopped by *stack*."""
    started = time.monotonic()
    environment, servers = start_servers(options, stack)
    with step("Preparing the shop and its data"):
        before, mended = (copy_shop(options.folder / name) for name in ("shop", "mended"))
        seed(before, environment, options)
    with step("praxis check"):
        findings, text = check(before), options.folder / "check.txt"
        text.write_text(praxis("check", str(before), "--exit-zero"), encoding="utf-8")
    print_findings(findings, text)
    with step("praxis fix --unsafe --verify 'manage.py test'"):
        fixed = fix(mended)
    console.print(fixed, markup=False)
    comparison, site = measure(before, mended, environment, options, stack)
    print_comparison(comparison)
    report = options.folder / "report.html"
    title = f"The shop before and after praxis fix ({servers})"
    write_report(report, title, comparison, sections(before, mended, findings, fixed))
    write_figures(options.folder / "figures.json", comparison)
    console.print(f"Report: [bold]{report.as_uri()}[/]", soft_wrap=True)
    console.print(f"Done in {time.monotonic() - started:.0f} s.")
    live = run_on_components(mended, environment, stack)
    if not options.once:
        console.print(
            f"\nThe mended shop runs at [bold]{site.url}/[/] "
            f"(log in as demo or staff, password {PASSWORD}). Ctrl-C stops it."
        )
        if live:
            console.print(f"On the components of Praxis: [bold]{live.url}/[/]")
            for path, what in LIVE_PAGES.items():
                console.print(f"  [bold]{live.url}{path}[/]  {what}", soft_wrap=True)
        signal.pause()


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what goes on while it does, and how long it took."""
    started = time.monotonic()
    if console.is_terminal:
        with console.status(f"{title} …"):
            yield
    else:
        console.print(f"… {title}")
        yield
    console.print(f"[green]✓[/] [bold]{title}[/] [dim]{time.monotonic() - started:.1f} s[/]")


def start_servers(options: Options, stack: ExitStack) -> tuple[dict[str, str], str]:
    """Real servers of our own; where one is not to be had, the shop does without and says so."""
    folder = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    environment = {"PYTHONPATH": str(folder), "DJANGO_SETTINGS_MODULE": "demo_settings"}
    used: list[str] = []
    with step("Starting a PostgreSQL and a Redis of our own"):
        if options.sqlite or not (database := started(embedded.postgres, stack)):
            file = folder / "shop.sqlite3"
            file.unlink(missing_ok=True)
            environment["DATABASE_URL"] = f"sqlite:///{file}"
            used.append("SQLite")
        else:
            environment["DATABASE_URL"] = database.database("shop").url
            used.append("PostgreSQL")
        if redis := started(embedded.redis, stack):
            environment["REDIS_URL"] = redis.url
            used.append("Redis")
    return environment, " and ".join(used)


def started(server: Callable[[], Any], stack: ExitStack) -> Any:
    """The running server, or None, with the reason printed."""
    try:
        return stack.enter_context(server())
    except ServerError as error:
        console.print(f"[yellow]Without {server.__name__}:[/] {error}", soft_wrap=True)
        return None


def copy_shop(target: Path) -> Path:
    """A fresh copy, so that the sample itself stays as it is."""
    shutil.rmtree(target, ignore_errors=True)
    unwanted = shutil.ignore_patterns("__pycache__", "*.sqlite3", "MISTAKES.toml", "README.md")
    shutil.copytree(SHOP, target, ignore=unwanted)
    return target


def seed(folder: Path, environment: Mapping[str, str], options: Options) -> None:
    """Migrate, and fill the shop the same way every time."""
    for name, module in (("dev", "demo_settings"), ("dev_components", "demo_components")):
        text = SETTINGS.format(name=name)
        (options.folder / f"{module}.py").write_text(text, encoding="utf-8")
    manage(folder, environment, "migrate", "--verbosity=0")
    manage(folder, environment, "seed", f"--products={options.products}", "--seed=1")


def manage(folder: Path, environment: Mapping[str, str], *arguments: str) -> None:
    """Run the shop's ``manage.py``; its output is shown only if it fails."""
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=folder,
        env=SURROUNDINGS | dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )


def praxis(*arguments: str, allowed: tuple[int, ...] = (0,)) -> str:
    """Run the command as a user would, and return what it printed."""
    finished = subprocess.run(
        [sys.executable, "-m", "praxis", *arguments],
        env=SURROUNDINGS,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode not in allowed:
        raise subprocess.CalledProcessError(
            finished.returncode, ["praxis", *arguments], finished.stdout + finished.stderr
        )
    return finished.stdout


def check(folder: Path) -> list[dict[str, Any]]:
    """What is wrong."""
    reported = json.loads(praxis("check", str(folder), "--format=json", "--exit-zero"))
    findings: list[dict[str, Any]] = reported["findings"]
    return findings


def print_findings(findings: list[dict[str, Any]], text: Path) -> None:
    """The findings by rule; each in full stands in the file *text*."""
    table = Table(box=None, pad_edge=False)
    for heading in ("Rule", "Found", "What"):
        table.add_column(heading, justify="right" if heading == "Found" else "left")
    for (code, name), count in by_rule(findings):
        table.add_row(code, str(count), name.replace("_", " "))
    console.print(table)
    console.print(f"{len(findings)} findings; in full: {text}\n", soft_wrap=True)


def by_rule(findings: list[dict[str, Any]]) -> list[tuple[tuple[str, str], int]]:
    counted = Counter((finding["code"], finding["rule"]) for finding in findings)
    return sorted(counted.items())


def fix(folder: Path) -> str:
    """Mend the copy; an edit stays only if the shop's own tests still pass."""
    tests = f"{sys.executable} manage.py test"
    return praxis("fix", str(folder), "--unsafe", "--verify", tests, allowed=(0, 1))


def measure(
    before: Path,
    mended: Path,
    environment: Mapping[str, str],
    options: Options,
    stack: ExitStack,
) -> tuple[Comparison, Site]:
    """Serve both on the same data and hold them against each other."""
    with step("Serving both with gunicorn and measuring the same pages"):
        old, new = (
            stack.enter_context(
                Site(name, folder, "shop.wsgi:application", environment=environment)
            )
            for name, folder in (("before", before), ("mended", mended))
        )
        sessions = {
            site.name: {
                user: log_in(site.url, "/account/login/", {"username": user, "password": PASSWORD})
                for user in ("demo", "staff")
            }
            for site in (old, new)
        }
        comparison = compare(
            old,
            new,
            pages(before, environment),
            sessions=sessions,
            rounds=options.rounds,
            duration_s=options.duration_s,
        )
    return comparison, new


def run_on_components(
    folder: Path, environment: Mapping[str, str], stack: ExitStack
) -> LiveSite | None:
    """Serve the mended shop with its sessions, limits, locks, rankings and events in Redis."""
    if "REDIS_URL" not in environment:
        console.print("[yellow]Without Redis the shop does not run on the components.[/]")
        return None
    settings = dict(environment) | {"DJANGO_SETTINGS_MODULE": "demo_components"}
    with step("Serving the mended shop on the components of Praxis"):
        manage(folder, settings, "check")
        site = stack.enter_context(
            LiveSite("components", folder, "live.asgi:application", environment=settings)
        )
        log_in(site.url, "/account/login/", {"username": "staff", "password": PASSWORD})
    return site


def pages(folder: Path, environment: Mapping[str, str]) -> list[Page]:
    """The pages to measure, with a category and a product that the data really has."""
    code = (
        "from catalogue.models import Category, Product\n"
        "from django.db.models import Count\n"
        "largest = Category.objects.annotate(size=Count('products')).order_by('-size', 'pk')[0]\n"
        "read = Product.objects.filter(is_active=True).order_by('-review_count', 'pk')[0]\n"
        "print(largest.slug, read.slug)"
    )
    told = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=folder,
        env=SURROUNDINGS | dict(environment),
        capture_output=True,
        text=True,
        check=True,
    )
    category, product = told.stdout.split()
    return [
        Page(page.name, page.path.format(category=category, product=product), page.user)
        for page in PAGES
    ]


def print_comparison(comparison: Comparison) -> None:
    table = Table(title="Before and after", title_justify="left", header_style="bold")
    table.add_column("Page")
    for heading in ("Queries", "Median ms", "95 % ms", "Requests/s", "Gain"):
        table.add_column(heading, justify="right")
    for result in comparison.results:
        before, after = result.before, result.after
        table.add_row(
            result.page.name,
            f"{before.queries} → [bold]{after.queries}[/]",
            f"{before.median_ms:.1f} → [bold]{after.median_ms:.1f}[/]",
            f"{before.p95_ms:.1f} → [bold]{after.p95_ms:.1f}[/]",
            f"{before.per_second:.0f} → [bold]{after.per_second:.0f}[/]",
            f"[green]{result.speedup:.1f}×[/]",
        )
    console.print(table)


def write_figures(path: Path, comparison: Comparison) -> None:
    """The figures for programs: in all, and page by page."""
    results = comparison.results
    totals = [sum(one.before.queries for one in results), sum(one.after.queries for one in results)]
    pages = {result.page.name: asdict(result) for result in results}
    path.write_text(json.dumps({"queries": totals, "pages": pages}, indent=1), encoding="utf-8")


def sections(
    before: Path, mended: Path, findings: list[dict[str, Any]], fixed: str
) -> list[Section]:
    """What the report tells below the figures."""
    rows = "".join(
        f"<tr><td><code>{escape(code)}</code><td>{escape(name.replace('_', ' '))}<td>{count}"
        for (code, name), count in by_rule(findings)
    )
    found = f"<div class=scroll><table><tr><th>Rule<th>Mistake<th>Found{rows}</table></div>"
    return [
        Section("What praxis check found", found),
        Section("What praxis fix did", f"<pre>{escape(fixed)}</pre>{diffs(before, mended)}"),
    ]


def diffs(before: Path, mended: Path) -> str:
    """Every changed file as a folded diff."""
    parts = []
    for file in sorted(mended.rglob("*")):
        old = before / file.relative_to(mended)
        if file.suffix not in {".py", ".html"} or not old.is_file():
            continue
        lines = list(
            difflib.unified_diff(
                old.read_text(encoding="utf-8").splitlines(),
                file.read_text(encoding="utf-8").splitlines(),
                lineterm="",
                n=2,
            )
        )[2:]
        if lines:
            name = escape(file.relative_to(mended).as_posix())
            body = "".join(marked(line) for line in lines)
            parts.append(f"<details><summary>{name}</summary><pre>{body}</pre></details>")
    return "".join(parts)


def marked(line: str) -> str:
    kind = {"+": "plus", "-": "minus"}.get(line[:1])
    text = escape(line)
    return f"<span class={kind}>{text}</span>" if kind else f"{text}\n"


if __name__ == "__main__":
    sys.exit(main())
