"""One finding: a line that says all in short, and behind it the chain, the code and the fix."""

from collections.abc import Iterator
from itertools import groupby

from praxis.audit.findings import Confidence, Edit, Finding, Fix, Place, Safety, Step
from praxis.audit.report.counts import number
from praxis.audit.report.difference import difference
from praxis.audit.report.html.frames import Frames, hunks
from praxis.audit.report.html.markup import Child, Markup, element

MAX_STEPS = 12
_FIXES = {Safety.SAFE: "safe fix", Safety.UNSAFE: "unsafe fix"}


def short(finding: Finding, mark: str, subject: str) -> Markup:
    """The finding in one line, without its code."""
    return element(
        "article",
        element("div", _head(finding), class_="head"),
        class_=f"finding {finding.severity.value}",
        id=f"f-{mark}",
        data_more=f"{subject} {finding.severity.value}",
    )


def whole(
    finding: Finding, mark: str, subject: str, frames: Frames, *, is_open: bool = False
) -> Markup:
    """The finding with all that is known of it; the line opens it."""
    body = [_chain(finding, frames), _fix(finding, frames), _foot(finding, mark)]
    return element(
        "article",
        element(
            "details",
            element("summary", _head(finding), class_="head"),
            element("div", body, class_="body"),
            open=is_open,
        ),
        class_=f"finding {finding.severity.value}",
        id=f"f-{mark}",
        data_more=f"{subject} {finding.severity.value}",
    )


def _head(finding: Finding) -> list[Markup]:
    fix = finding.fix if finding.fix is not None and finding.fix.edits else None
    tags = [
        element("span", str(finding.cost), class_="tag cost") if finding.cost is not None else None,
        element("span", _FIXES[fix.safety], class_="tag fix") if fix is not None else None,
    ]
    where = _where(finding.place)
    meta: list[Child] = [
        element("span", where, class_="place"),
        element("span", element("b", finding.code), f" {finding.rule}", class_="rule"),
    ]
    return [
        element("span", element("span", finding.severity.value, class_="sr"), class_="dot"),
        element("h4", finding.message),
        element("span", tags, class_="tags"),
        element("span", meta, class_="meta"),
    ]


def _where(place: Place) -> Markup:
    return element("code", f"{place.path}:{place.line}")


# The chain: from the cause to the place, as linked boxes.


def _chain(finding: Finding, frames: Frames) -> Markup:
    steps = _links(finding)
    if len(steps) == 1:
        frame = frames.frame(finding.place, around=True)
        return frame if frame is not None else _gone(finding.place)
    shown = steps[:MAX_STEPS]
    boxes = [_box(step, finding, frames, index) for index, step in enumerate(shown)]
    if len(steps) > len(shown):
        left = number(len(steps) - len(shown), "step")
        boxes.append(element("li", element("p", f"… {left} more"), class_="box"))
    return element("ol", boxes, class_="chain", aria_label="From the cause to the place")


def _links(finding: Finding) -> list[Step]:
    """The steps, with the finding's own place among them."""
    steps = list(finding.steps)
    if all(step.place != finding.place for step in steps):
        steps.append(Step(finding.place, "found here"))
    return steps


def _box(step: Step, finding: Finding, frames: Frames, index: int) -> Markup:
    is_here = step.place == finding.place
    frame = frames.frame(step.place, around=is_here)
    title = element(
        "p",
        element("span", _role(index, is_here=is_here), class_="role"),
        element("span", step.note, class_="note") if step.note != "found here" else None,
        element("span", _where(step.place), class_="place"),
        class_="title",
    )
    classes = "box here" if is_here else "box"
    return element("li", title, frame or _gone(step.place), class_=classes)


def _role(index: int, *, is_here: bool) -> str:
    if is_here:
        return "Found here"
    return "Cause" if index == 0 else "Then"


def _gone(place: Place) -> Markup:
    return element("p", f"{place.path} is gone, or has changed since it was read.", class_="gone")


# The fix, and what else there is to say.


def _fix(finding: Finding, frames: Frames) -> Markup | None:
    if finding.fix is None or not finding.fix.edits:
        return None
    fix = finding.fix
    title = element(
        "p",
        element("span", _FIXES[fix.safety].capitalize(), class_="role"),
        element("span", fix.title, class_="note"),
        class_="title",
    )
    return element("div", title, list(_differences(fix, finding.place, frames)), class_="mend")


def _differences(fix: Fix, place: Place, frames: Frames) -> Iterator[Markup]:
    def order(edit: Edit) -> tuple[bool, str]:
        return edit.path != place.path, edit.path

    for (is_elsewhere, path), edits in groupby(sorted(fix.edits, key=order), order):
        if is_elsewhere:
            yield element("p", element("code", path), class_="title")
        text = frames.text(path)
        if text is not None:
            yield hunks(difference(text, edits))


def _foot(finding: Finding, mark: str) -> Markup:
    sure = (
        "The code says so."
        if finding.confidence is Confidence.CERTAIN
        else "True unless something unusual goes on."
    )
    return element(
        "p",
        f"{finding.confidence.value.capitalize()}: {sure[0].lower()}{sure[1:]} ",
        element("a", f"Why {finding.code}", href=f"#rule-{finding.code}"),
        " · right as it is? ",
        element("code", f"# praxis: ignore[{finding.rule}] why"),
        " · ",
        element("a", "link", href=f"#f-{mark}", aria_label="Link to this finding"),
        class_="foot",
    )
