"""One trader, assembled at run time from a variant file.

from trader_cli import Trader

trader = Trader.load("variants/demo_btc_rsi.toml")
result = await trader.run(replay="samples")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trader_cli.app.trader import Trader

__all__ = ["Trader"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Loads what `from trader_cli import Trader` asks for, and nothing before that: `--help` does not need it."""
    if name == "Trader":
        from trader_cli.app.trader import Trader

        return Trader
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
