"""A variant file that says every key there is, and ways to say one of them otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

type Tables = Mapping[str, Mapping[str, str]]

FULL: Tables = {
    "": {"trader_name": '"everything"', "version": '"1"'},
    "variants": {"broker": '"okx"', "strategy": '"rsi"', "mode": '"paper"', "asset_class": '"crypto"'},
    "strategy_config.momentum": {
        "lookback_period": "20",
        "threshold_buy": "2.0",
        "threshold_sell": "-2.0",
        "volatility_filter": "0.15",
    },
    "strategy_config.rsi": {
        "period": "14",
        "oversold_level": "30",
        "overbought_level": "70",
        "upper_threshold": "0.65",
        "lower_threshold": "0.35",
    },
    "strategy_config.macd": {"fast_period": "12", "slow_period": "26", "signal_period": "9", "threshold": "0.0001"},
    "strategy_config.mfi": {"period": "14", "oversold_level": "20", "overbought_level": "80"},
    "strategy_config.vwap": {"anchor": '"session"', "deviation": "0.01"},
    "broker_config": {"test_mode": "true", "endpoint": '"https://eea.okx.com"'},
    "broker_config.credentials": {
        "api_key": '"${OKX_API_KEY}"',
        "api_secret": '"${OKX_API_SECRET}"',
        "passphrase": '"${OKX_PASSPHRASE}"',
    },
    "trading_symbols": {
        "crypto": '["BTC-USDT", "ETH-USDT"]',
        "stocks": '["AAPL"]',
        "etf": '["SPY"]',
        "futures": '["BTC_USD_PERP"]',
    },
    "risk_settings": {
        "sizing": '"fixed"',
        "max_position_size": "500",
        "max_total_exposure": "1500.5",
        "max_concurrent_positions": "3",
        "default_leverage": "1",
        "allow_short": "false",
        "fractional_shares": "false",
        "risk_per_trade": "0.01",
        "take_profit": "0.04",
        "stop_loss": "0.02",
        "max_daily_loss": "0.05",
        "max_drawdown": "1.0",
        "cooldown_bars": "2",
        "trailing_stop": "0.01",
        "max_holding_bars": "100",
    },
    "session": {
        "timeframe": '"1h"',
        "poll_seconds": "30",
        "starting_balance": "10000",
        "extended_hours": "false",
    },
    "costs": {
        "taker_fee": "0.001",
        "maker_fee": "0.0008",
        "slippage_bps": "1",
        "funding_rate": "-0.0001",
        "maintenance_margin_rate": "0.005",
    },
    "live": {"max_orders_per_minute": "3", "max_orders_per_day": "50", "price_collar_fraction": "0.01"},
}
"""Every key with its value as TOML writes it; `extends` and `data_endpoint` (alpaca's) have tests of their own."""


def keys() -> list[tuple[str, str]]:
    """Every (table, key) of the full file."""
    return [(table, key) for table, values in FULL.items() for key in values]


def dotted(table: str, key: str) -> str:
    """The whole name of a key."""
    return f"{table}.{key}" if table else key


def text(tables: Tables = FULL) -> str:
    """The TOML text of tables."""
    parts = []
    for table, values in tables.items():
        lines = [f"[{table}]"] if table else []
        parts.append("\n".join([*lines, *(f"{key} = {value}" for key, value in values.items())]))
    return "\n\n".join(parts) + "\n"


def changed(table: str, key: str, value: str, name: str | None = None) -> str:
    """The text of the full file with one value exchanged, and its key renamed where `name` is given."""
    values = {
        (name or each if each == key else each): (value if each == key else old) for each, old in FULL[table].items()
    }
    return text({**FULL, table: values})


def small(**cell: str) -> str:
    """The smallest file of a cell."""
    values = {"broker": "bybit", "strategy": "rsi", **cell}
    return text({"variants": {key: f'"{value}"' for key, value in values.items()}})
