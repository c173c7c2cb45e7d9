"""What was taken for the project, and why: said first, since a wrong guess makes all else wrong."""

import re
from pathlib import Path

from praxis.audit.facts.sources import Root

_SETTINGS = re.compile(r"""["']DJANGO_SETTINGS_MODULE["']\s*[,\]]\s*=?\s*["']([\w.]+)["']""")


def heading(root: Root) -> str:
    """``Project: /srv/shop (manage.py, pyproject.toml), settings shop.settings``."""
    if root.evidence:
        why = ", ".join(root.evidence)
    else:
        why = "taken as it is: neither it nor a folder above has a manage.py or pyproject.toml"
    parts = [f"Project: {root.folder} ({why})"]
    settings = settings_module(root.folder)
    if settings:
        parts.append(f"settings {settings}")
    if root.within:
        parts.append(f"of which {', '.join(root.within)}")
    return ", ".join(parts)


def settings_module(folder: Path) -> str:
    """What ``manage.py`` names as the settings; empty where it does not say."""
    try:
        text = (folder / "manage.py").read_text("utf-8", "replace")
    except OSError:
        return ""
    match = _SETTINGS.search(text)
    return match[1] if match else ""
