"""A page of HTML in one file that needs no network: tables, and pictures drawn by the plotly.js that it carries.

What users wrote stands in it as text and nothing else: the template escapes it, and the page's own policy lets a
browser run two scripts alone, known by their checksums, and load nothing.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from trader_cli import __version__
from trader_cli.app.colours import PALETTES
from trader_cli.cleaning import safe
from trader_cli.errors import UsageError
from trader_cli.metrics.forms import words, written
from trader_cli.redaction import without_secrets
from trader_cli.variant.writing import write_new

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from jinja2 import Environment

    from trader_cli.app.charts import Chart


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts. The first cell of a row is its title; the columns numbered in `words` hold no figures."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    words: Collection[int] = (0,)


def page(template: str, charts: Mapping[str, Chart], content: Mapping[str, Any]) -> str:
    """A page made by a template of `templates/` from its content and the pictures that it names."""
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    scripts = [get_plotlyjs(), _file("page.js")]
    policy = (
        f"default-src 'none'; script-src {' '.join(map(_checksum, scripts))}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    return (
        _environment()
        .get_template(template)
        .render(
            **content,
            pictures=without_secrets({"charts": charts, "palettes": PALETTES}),
            policy=policy,
            style=Markup(_file("page.css")),  # noqa: S704 - our own files, and plotly's
            scripts=[Markup(script) for script in scripts],  # noqa: S704
            version=__version__,
        )
    )


def demand_place(path: Path) -> None:
    """Raises: UsageError where a page cannot stand: it is said before anything is run."""
    if path.is_dir():
        raise UsageError("is a folder: name a file, e.g. report.html", file=str(path))


def write(path: Path, html: str) -> None:
    """Puts a page in its place, whole or not at all, over what was there.

    Raises: UsageError where a folder has that name; OSError where the disk refuses.
    """
    write_new(path, html, force=True)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: object) -> object:
        """Texts without secrets and marks that reorder them; what is markup of ours is left."""
        return value if isinstance(value, Markup) else safe(value)

    found = Environment(
        loader=PackageLoader("trader_cli.app"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    found.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    found.filters |= {"words": words, "figure": lambda value, name: written(name, value)}
    return found


def _file(name: str) -> str:
    return files("trader_cli.app").joinpath("templates", name).read_text(encoding="utf-8")


def _checksum(script: str) -> str:
    """How a Content-Security-Policy names a script by what it says. Source: W3C, Content Security Policy Level 3."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
