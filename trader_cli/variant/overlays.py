"""The layers above the file: the environment, `--set` and the flags that name a dimension."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from trader_cli.errors import Problem, UsageError, suggest
from trader_cli.variant.layers import Key, Layers, Origin
from trader_cli.variant.model import FIXED_SECTIONS, SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PREFIX = "TRADER_"
SET = "--set"
_KEY = re.compile(r"[A-Za-z0-9_.-]+")
_OPENING, _CLOSING = "[{", "]}"


def put_environment(layers: Layers, environment: Mapping[str, str]) -> Iterator[Problem]:
    """Puts on every `TRADER_<SECTION>__<KEY>` variable; yields those that name no section."""
    for name in sorted(environment):
        if not name.startswith(PREFIX):
            continue
        key = tuple(name.removeprefix(PREFIX).lower().split("__"))
        if len(key) > 1 and key[0] in SECTIONS and all(key):
            _put(layers, key, toml_value(environment[name]), Origin(name, label="env "))
        elif len(key) > 1 and key[0] in SECTIONS:
            yield Problem(f"names the section {key[0]}, but a key of it is missing", name)
        elif len(key) > 1:
            yield Problem(f"names no section{suggest(key[0], SECTIONS) or f' (known: {", ".join(SECTIONS)})'}", name)
        elif right := _with_two_underscores(key[0]):
            yield Problem(f"two underscores stand between section and key, did you mean '{right}'?", name)


def _with_two_underscores(key: str) -> str | None:
    """How a variable is written that names a section and one of its keys, were it not for an underscore."""
    for section, model in FIXED_SECTIONS.items():
        if key.startswith(f"{section}_") and (name := key.removeprefix(f"{section}_")) in model.model_fields:
            return f"{PREFIX}{section}__{name}".upper()
    return None


def put_overrides(layers: Layers, overrides: Sequence[str]) -> None:
    """Puts on each `--set section.key=value`.

    Raises: UsageError for what is no assignment, or several values at a time.
    """
    for override in overrides:
        key, text = assignment(override)
        if is_axis(text):
            raise UsageError("one value at a time: sweeps come with the matrix", file=SET, key=".".join(key))
        _put(layers, key, toml_value(text), Origin(SET))


def put_values(layers: Layers, values: Mapping[str, object]) -> None:
    """Puts on values by dotted key, as `--set` does."""
    for dotted, value in values.items():
        _put(layers, tuple(dotted.split(".")), value, Origin(SET))


def assignment(override: str) -> tuple[Key, str]:
    """The key of a `--set section.key=value`, and its value as it was written.

    Raises: UsageError for what is no assignment.
    """
    name, equals, text = override.partition("=")
    key = tuple(part.strip() for part in name.split("."))
    if not equals or not all(_KEY.fullmatch(part) for part in key):
        raise UsageError(
            "must read section.key=value, e.g. risk_settings.stop_loss=0.03", file=SET, key=_key_part(override)
        )
    return key, text


def _key_part(override: str) -> str | None:
    """Where a malformed `--set` points, as far as it names a section: what follows the key may be a secret."""
    name = _KEY.match(override.strip())
    return name[0] if name and name[0].partition(".")[0] in SECTIONS else None


def put_flags(layers: Layers, flags: Mapping[str, object]) -> None:
    """Puts on `--broker`, `--strategy`, `--mode`, `--asset-class` and `--symbol`; None and () were not given."""
    for name in ("broker", "strategy", "mode", "asset_class"):
        if (value := flags.get(name)) is not None:
            _put(layers, ("variants", name), str(value), Origin(f"--{name.replace('_', '-')}"))


def put_symbols(layers: Layers, flags: Mapping[str, object], asset_class: str) -> None:
    """Puts on `--symbol`, which is about the asset class that all layers agreed on."""
    symbols = flags.get("symbol")
    if symbols:
        listed = [symbols] if isinstance(symbols, str) else list(symbols)  # type: ignore[call-overload]
        _put(layers, ("trading_symbols", asset_class), listed, Origin("--symbol"))


def toml_value(text: str) -> Any:
    """A value as TOML writes it; what is no TOML is a bare text.

    >>> toml_value("7"), toml_value("1h"), toml_value('["BTC/USD"]')
    (7, '1h', ['BTC/USD'])
    """
    try:
        document = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return document["value"] if len(document) == 1 else text


def is_axis(text: str) -> bool:
    """Whether a `--set` value has a comma or `..` outside quotes and brackets: several values of a matrix.

    >>> is_axis("7,14"), is_axis("5..30"), is_axis("[7, 14]"), is_axis('"a,b"')
    (True, True, False, False)
    """
    bare = _bare(text)
    return "," in bare or ".." in bare


def listed(text: str) -> list[str]:
    """What stands between the commas outside quotes and brackets.

    >>> listed('7, 5..30, ["A", "B"], "a,b"')
    ['7', '5..30', '["A", "B"]', '"a,b"']
    """
    bare = _bare(text)
    commas = [place for place, letter in enumerate(bare) if letter == ","]
    return [text[after + 1 : before].strip() for after, before in pairwise([-1, *commas, len(text)])]


def _bare(text: str) -> str:
    """A text of the same length, with a blank for all that is quoted or in brackets."""
    depth, quote, bare = 0, "", []
    for letter in text:
        is_bare = False
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in _OPENING or letter in _CLOSING:
            depth += 1 if letter in _OPENING else -1
        else:
            is_bare = depth <= 0
        bare.append(letter if is_bare else " ")
    return "".join(bare)


def _put(layers: Layers, key: Key, value: Any, origin: Origin) -> None:
    document = value
    for name in reversed(key):
        document = {name: document}
    layers.put(document, lambda _: origin)
