"""DESIGN section 3 read aloud: a slow, literal simulator of one long-only account, apart from the product."""

from __future__ import annotations

import math
from decimal import ROUND_FLOOR, Decimal


def round_down(quantity, lot):
    """To the lot, in decimal; a quotient within 1e-15 of a whole number is that number."""
    count = Decimal(quantity / lot * (1 + 1e-15)).to_integral_value(ROUND_FLOOR)
    return float(count * Decimal(repr(lot)))


def simulate(bars, signals, s, first_bar=0, first_decision=0):
    """bars: dicts of open, high, low, close, day; signals: dicts of entry, exit. s: the settings by their names."""
    cash = peak = equity = s["starting_balance"]
    trades, curve, halts, refused, ambiguous = [], [], [], [], 0
    position = order_in = order_out = None
    day, opening, lost_today, drawn_down, last_stop = None, None, False, False, -math.inf

    def close_position(i, price, fee_rate, reason):
        nonlocal cash, position, last_stop
        fee = position["quantity"] * price * fee_rate
        cash += position["quantity"] * price - fee
        fees = position["fee"] + fee
        trades.append([position["bar"], i, position["quantity"], position["price"], price, fees, reason])
        position = None
        if reason in ("stop_loss", "trailing_stop"):
            last_stop = i

    for i, (bar, signal) in enumerate(zip(bars, signals, strict=True)):
        if i < first_bar:
            continue
        if bar["day"] != day:
            day, opening, lost_today = bar["day"], equity, False
        down = 1 - s["slippage"]
        # item 4a: pending exits at the open, then pending entries
        if order_out:
            close_position(i, bar["open"] * down, s["taker_fee"], order_out)
        if order_in:
            price = bar["open"] * (1 + s["slippage"])
            fee = order_in * price * s["taker_fee"]
            if cash - order_in * price - fee < -1e-12 * cash:
                refused.append("insufficient_funds")
            else:
                cash -= order_in * price + fee
                position = {"bar": i, "quantity": order_in, "price": price, "fee": fee, "best": price}
        order_in = order_out = None
        # items 4b to 4d
        if position:
            fixed = position["price"] * (1 - s["stop_loss"])
            trail = position["best"] * (1 - s["trailing_stop"]) if s["trailing_stop"] else -math.inf
            stop, target = max(fixed, trail), position["price"] * (1 + s["take_profit"])
            why = "trailing_stop" if trail > fixed else "stop_loss"
            carried = position["bar"] < i
            position["best"] = max(position["best"], bar["high"])
            if carried and bar["open"] <= stop:
                close_position(i, bar["open"] * down, s["taker_fee"], why)
            elif carried and bar["open"] >= target:
                close_position(i, bar["open"], s["maker_fee"], "take_profit")
            elif bar["low"] <= stop:
                ambiguous += bar["high"] >= target
                close_position(i, stop * down, s["taker_fee"], why)
            elif bar["high"] >= target:
                close_position(i, target, s["maker_fee"], "take_profit")
        # item 5: marks, then limits (item 9)
        equity = cash + (position["quantity"] * bar["close"] if position else 0)
        curve.append(equity)
        peak = max(peak, equity)
        if s["max_daily_loss"] < 1 and not lost_today and equity <= opening * (1 - s["max_daily_loss"]):
            lost_today = True
            halts.append((i, "max_daily_loss"))
        if s["max_drawdown"] < 1 and not drawn_down and equity <= peak * (1 - s["max_drawdown"]):
            drawn_down = True
            halts.append((i, "max_drawdown"))
        # decisions: items 1, 2, 6, 7, 8
        if i < first_decision:
            continue
        if position:
            aged = s["max_holding_bars"] and i - position["bar"] + 1 >= s["max_holding_bars"]
            order_out = signal["exit"] or ("time" if aged else None)
        elif signal["entry"] == 1:
            cooling = "cooldown" if i - last_stop < s["cooldown_bars"] else None
            if ban := "max_daily_loss" if lost_today else "max_drawdown" if drawn_down else cooling:
                refused.append(ban)
                continue
            loss = s["stop_loss"] + s["slippage"] + 2 * s["taker_fee"]
            wish = equity * s["risk_per_trade"] / loss if s["sizing"] == "risk" else s["max_position_size"]
            afford = cash / (1 + s["slippage"] + s["taker_fee"])
            size = min(wish, s["max_position_size"], s["max_total_exposure"], afford)
            order_in = round_down(size / bar["close"], s["lot"])
            small = order_in <= 0 or order_in < s["minimum_quantity"]
            if small or order_in * bar["close"] < s["minimum_notional"]:
                refused.append("below_lot" if small else "below_minimum_notional")
                order_in = None
    ended = {"position": position, "order_in": order_in, "order_out": order_out}
    return {"trades": trades, "equity": curve, "halts": halts, "refused": refused, "ambiguous": ambiguous, **ended}
