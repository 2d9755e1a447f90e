"""The account, what it holds, what can be traded, and when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.alpaca.desk import Desk, asset_class, asset_id, held_as, listed_at
from tests.venues.alpaca.times import eastern
from tests.venues.core.market import Hours, Kind, Market, Status
from tests.venues.core.money import free, held
from tests.venues.core.refusals import Reason, Refused
from tests.venues.texts import plain

if TYPE_CHECKING:
    from tests.venues.core.accounts import Account
    from tests.venues.front import Answer, Asked

MONEY = "USD"


class AccountDesk(Desk):
    """A cash account: it borrows nothing, and sells nothing that it has not got."""

    def account(self, asked: Asked) -> Any:
        account = asked.account
        cash, owned = account.balances.get(MONEY, Decimal(0)), self._owned(account)
        worth = plain(sum((quantity * self.exchange.last(market) for market, quantity in owned), Decimal(0)))
        equity = plain(cash + Decimal(worth or 0))
        power = plain(free(self.exchange, account, MONEY))
        return {
            "id": f"00000000-0000-4000-8000-{account.uid:012d}",
            "admin_configurations": {},
            "user_configurations": None,
            "account_number": f"PA{account.uid}",
            "status": "ACTIVE",
            "crypto_status": "ACTIVE",
            "options_approved_level": 0,
            "options_trading_level": 0,
            "currency": MONEY,
            "buying_power": power,
            "regt_buying_power": power,
            "daytrading_buying_power": "0",
            "effective_buying_power": power,
            "non_marginable_buying_power": power,
            "options_buying_power": "0",
            "bod_dtbp": "0",
            "cash": plain(cash),
            "accrued_fees": "0",
            "portfolio_value": equity,
            "pattern_day_trader": False,
            "trading_blocked": not account.may_trade,
            "transfers_blocked": not account.may_withdraw,
            "account_blocked": False,
            "created_at": "2024-01-01T00:00:00Z",
            "trade_suspended_by_user": False,
            "multiplier": "1",
            "shorting_enabled": False,
            "equity": equity,
            "last_equity": equity,
            "long_market_value": worth,
            "short_market_value": "0",
            "position_market_value": worth,
            "initial_margin": "0",
            "maintenance_margin": "0",
            "last_maintenance_margin": "0",
            "sma": "0",
            "daytrade_count": 0,
            "balance_asof": f"{eastern(self.exchange.clock.shown()):%Y-%m-%d}",
            "crypto_tier": 1,
        }

    def assets(self, asked: Asked) -> Any:
        rows = [_asset(market) for market in self.exchange.markets.values()]
        names = {"status": "status", "asset_class": "class", "exchange": "exchange"}
        wanted = {key: asked.query[name] for name, key in names.items() if asked.query.get(name)}
        return [row for row in rows if all(row[key] == value for key, value in wanted.items())]

    def asset(self, asked: Asked) -> Any | Answer:
        return _asset(self.market("/".join(asked.matched)))

    def clock(self, asked: Asked) -> Any:
        now, hours = self.exchange.clock.shown(), self._hours()
        opens, closes = hours.next_open(now), hours.next_close(now)
        if opens is None or closes is None:
            raise Refused(Reason.MAINTENANCE, "the sessions that a test gave are over")
        return {
            "timestamp": eastern(now).isoformat(),
            "is_open": hours.are_open(now),
            "next_open": eastern(opens).isoformat(),
            "next_close": eastern(closes).isoformat(),
        }

    def calendar(self, asked: Asked) -> Any:
        """The sessions as days of New York, with the times of their wall clocks."""
        first, last = (_day(asked.query.get(name)) for name in ("start", "end"))
        rows = []
        for opens, closes in ((eastern(opens), eastern(closes)) for opens, closes in self._hours().sessions):
            if (first is None or first <= opens.date()) and (last is None or opens.date() <= last):
                rows.append(
                    {
                        "date": f"{opens:%Y-%m-%d}",
                        "open": f"{opens:%H:%M}",
                        "close": f"{closes:%H:%M}",
                        "session_open": "0400",
                        "session_close": "2000",
                        "settlement_date": f"{opens:%Y-%m-%d}",
                    }
                )
        return rows

    def positions(self, asked: Asked) -> Any:
        return [self._position(asked.account, market, quantity) for market, quantity in self._owned(asked.account)]

    def position(self, asked: Asked) -> Any:
        wanted = self.market(asked.matched[0])
        for market, quantity in self._owned(asked.account):
            if market.key == wanted.key:
                return self._position(asked.account, market, quantity)
        raise Refused(Reason.UNKNOWN_ORDER, "position does not exist")

    def _owned(self, account: Account) -> list[tuple[Market, Decimal]]:
        held_now = ((market, account.balances.get(market.base, Decimal(0))) for market in self._markets())
        return [(market, quantity) for market, quantity in held_now if quantity]

    def _markets(self) -> list[Market]:
        return list(self.exchange.markets.values())

    def _hours(self) -> Hours:
        """The hours of the stocks, which are the same for all."""
        return next((market.hours for market in self._markets() if market.hours is not None), Hours(()))

    def _position(self, account: Account, market: Market, quantity: Decimal) -> dict[str, Any]:
        last = self.exchange.last(market)
        entry = account.position(market.key).entry or last
        cost, worth = quantity * entry, quantity * last
        available = quantity - held(self.exchange, account, market.base)
        return {
            "asset_id": asset_id(market),
            "symbol": held_as(market),
            "exchange": listed_at(market),
            "asset_class": asset_class(market),
            "asset_marginable": False,
            "avg_entry_price": plain(entry),
            "qty": plain(quantity),
            "qty_available": plain(available),
            "side": "long",
            "market_value": plain(worth),
            "cost_basis": plain(cost),
            "unrealized_pl": plain(worth - cost),
            "unrealized_plpc": plain((worth - cost) / cost),
            "unrealized_intraday_pl": plain(worth - cost),
            "unrealized_intraday_plpc": plain((worth - cost) / cost),
            "current_price": plain(last),
            "lastday_price": plain(last),
            "change_today": "0",
        }


def _asset(market: Market) -> dict[str, Any]:
    crypto = market.kind is Kind.SPOT
    own = {
        "min_order_size": plain(market.min_quantity),
        "min_trade_increment": plain(market.lot),
        "price_increment": plain(market.tick),
    }
    return {
        "id": asset_id(market),
        "class": asset_class(market),
        "exchange": listed_at(market),
        "symbol": market.symbol,
        "name": market.name or market.symbol,
        "status": "inactive" if market.status is Status.DELISTED else "active",
        "tradable": market.status is Status.TRADING,
        "marginable": False,
        "maintenance_margin_requirement": 100,
        "shortable": False,
        "easy_to_borrow": False,
        "fractionable": market.lot < 1,
        "attributes": [],
        **(own if crypto else {}),
    }


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError as wrong:
        raise Refused(Reason.BAD_PARAMETER, f"date {text}") from wrong
