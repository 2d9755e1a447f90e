"""Name -> lazy import: the strategies and brokers that ship, those of installed packages, those of a user's file.

A package joins by an entry point in the group `trader_cli.strategies` or `trader_cli.brokers`; a user's own file is
named `path.py:Class`. Nothing heavy is imported until a class is asked for.
"""

from __future__ import annotations

import inspect
import re
import sys
from contextlib import redirect_stdout
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trader_cli.errors import ConfigError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import EntryPoint, EntryPoints

    from trader_cli.brokers.base import Broker
    from trader_cli.data.source import File
    from trader_cli.strategies.base import Strategy

STRATEGIES: Mapping[str, str] = {
    "macd": "trader_cli.strategies.macd:Macd",
    "mfi": "trader_cli.strategies.mfi:Mfi",
    "momentum": "trader_cli.strategies.momentum:Momentum",
    "rsi": "trader_cli.strategies.rsi:Rsi",
    "vwap": "trader_cli.strategies.vwap:Vwap",
}
BROKERS: Mapping[str, str] = {
    "bybit": "trader_cli.brokers.bybit:Bybit",
    "binance": "trader_cli.brokers.binance:Binance",
    "okx": "trader_cli.brokers.okx:Okx",
    "kraken": "trader_cli.brokers.kraken:Kraken",
    "deribit": "trader_cli.brokers.deribit:Deribit",
    "alpaca": "trader_cli.brokers.alpaca:Alpaca",
}

_STRATEGY_GROUP = "trader_cli.strategies"
_BROKER_GROUP = "trader_cli.brokers"
PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]*")
"""What a strategy or broker may be called."""


def strategy_names() -> tuple[str, ...]:
    """Every strategy a variant can name without a path, sorted.

    Raises: ConfigError when a plug-in takes a name that is taken.
    """
    return tuple(sorted([*STRATEGIES, *_plugins(_STRATEGY_GROUP, tuple(STRATEGIES))]))


def broker_names() -> tuple[str, ...]:
    """Every broker a variant can name: ours first, then those of installed packages, sorted.

    Raises: ConfigError when a plug-in takes a name that is taken.
    """
    return (*BROKERS, *sorted(_plugins(_BROKER_GROUP, tuple(BROKERS))))


def broker_class(name: str) -> type[Broker]:
    """The class behind a broker's name; nothing is connected, and no client of a venue imported.

    Raises: ConfigError when there is no such broker, or it cannot be loaded.
    """
    from trader_cli.brokers.base import Broker

    plugins = _plugins(_BROKER_GROUP, tuple(BROKERS))
    if name in BROKERS:
        module, _, shipped = BROKERS[name].partition(":")
        ours: type[Broker] = getattr(import_module(module), shipped)
        return ours
    if name not in plugins:
        raise ConfigError(f"no broker '{name}'{suggest(name, broker_names())}")
    found = _loaded(plugins[name], "broker")
    if not (isinstance(found, type) and issubclass(found, Broker)):
        raise ConfigError(f"broker '{name}' is no subclass of trader_cli.brokers.base.Broker")
    if getattr(found, "name", None) != name or not getattr(found, "asset_classes", ()):
        raise ConfigError(f"broker plug-in '{name}' must call itself so, and say which asset_classes it trades")
    return found


def strategy_class(reference: str, folder: Path | None = None) -> type[Strategy[Any]]:
    """The class behind `rsi`, a plug-in's name, or `path.py:Class` relative to `folder` (default: the current one).

    Raises: ConfigError when there is no such strategy, or it may not or cannot be loaded.
    """
    if ":" in reference or reference.endswith(".py"):
        from trader_cli.strategies.userfile import load_class

        found = _strategy(load_class(reference, folder), reference)
        if found.name in strategy_names():
            raise ConfigError(
                f"strategy '{reference}' calls itself '{found.name}', which is taken: give it another name"
            )
        return found
    plugins = _plugins(_STRATEGY_GROUP, tuple(STRATEGIES))
    if reference in STRATEGIES:
        module, _, name = STRATEGIES[reference].partition(":")
        return _strategy(getattr(import_module(module), name), reference)
    if reference not in plugins:
        known = (*STRATEGIES, *plugins)
        hint = suggest(reference, known) or f", known are {', '.join(sorted(known))}, or path.py:Class"
        raise ConfigError(f"no strategy '{reference}'{hint}")
    found = _strategy(_loaded(plugins[reference], "strategy"), reference)
    if found.name != reference:
        raise ConfigError(f"strategy plug-in '{reference}' calls itself '{found.name}': both must be the same")
    return found


def strategy_files(strategy: type[Strategy[Any]]) -> tuple[File, ...]:
    """The files of a strategy that is not the program's own: of its class and of what that inherits."""
    from importlib.abc import FileLoader, SourceLoader

    from trader_cli.data.source import File

    own = {__name__.partition(".")[0], *sys.stdlib_module_names}
    names = dict.fromkeys(each.__module__ for each in strategy.__mro__)
    specs = [sys.modules[name].__spec__ for name in names if name.partition(".")[0] not in own]
    return tuple(
        File(Path(spec.origin), sha256(spec.loader.get_data(spec.origin)).hexdigest())
        for spec in specs
        if spec is not None and spec.origin is not None and isinstance(spec.loader, FileLoader | SourceLoader)
    )


def _plugins(group: str, taken: tuple[str, ...]) -> Mapping[str, EntryPoint]:
    return _plugins_on_path(group, taken, tuple(sys.path))


@cache
def _plugins_on_path(group: str, taken: tuple[str, ...], path: tuple[str, ...]) -> Mapping[str, EntryPoint]:
    """The entry points of a group; remembered for as long as `sys.path` stays as it is."""
    found: dict[str, EntryPoint] = {}
    for point in _installed(path).select(group=group):
        if point.name in taken or point.name in found:
            raise ConfigError(
                f"plug-in '{point.name}' ({_origin(point)}) takes a name that is taken in {group}: "
                "uninstall one of the packages or rename its entry point"
            )
        if not PLAIN_NAME.fullmatch(point.name):
            raise ConfigError(
                f"plug-in '{point.name}' ({_origin(point)}) of {group}: a name is small letters, digits and _"
            )
        found[point.name] = point
    return found


@cache
def _installed(_path: tuple[str, ...]) -> EntryPoints:
    """All that packages on `sys.path` offer: one scan for every group, since it costs 15 ms."""
    from importlib.metadata import entry_points

    return entry_points()


def _origin(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def _loaded(point: EntryPoint, kind: str) -> object:
    try:
        with redirect_stdout(sys.stderr):  # stdout is the command's: JSON for a script
            return point.load()
    except (Exception, SystemExit) as cause:  # a foreign module may raise anything while it is imported
        raise ConfigError(
            f"{kind} plug-in '{point.name}' ({_origin(point)}) cannot be imported: {type(cause).__name__}: {cause}"
        ) from cause


def _strategy(found: object, reference: str) -> type[Strategy[Any]]:
    """What was loaded, once it is seen to fill the port.

    Raises: ConfigError naming what it lacks.
    """
    from trader_cli.strategies.base import Params, Strategy

    if not (isinstance(found, type) and issubclass(found, Strategy)):
        raise ConfigError(f"strategy '{reference}' is no subclass of trader_cli.strategies.base.Strategy")
    if inspect.isabstract(found):
        lacking = ", ".join(sorted(found.__abstractmethods__))
        raise ConfigError(f"strategy '{reference}' lacks {lacking}")
    for attribute, kind in (("name", str), ("summary", str), ("params_model", type)):
        if not isinstance(getattr(found, attribute, None), kind):
            raise ConfigError(f"strategy '{reference}' lacks the class attribute {attribute}")
    if not issubclass(found.params_model, Params):
        raise ConfigError(f"strategy '{reference}': params_model is no subclass of trader_cli.strategies.base.Params")
    if not PLAIN_NAME.fullmatch(found.name):
        raise ConfigError(f"strategy '{reference}': its name '{found.name}' must be small letters, digits and _")
    return found
