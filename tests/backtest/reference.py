"""DESIGN section 3 read aloud: a slow, literal simulator of one account, apart from the product."""

from __future__ import annotations

import math
from decimal import ROUND_FLOOR, Decimal


def round_down(quantity, lot):
    """To the lot, in decimal; a quotient within 1e-15 of a whole number is that number."""
    count = Decimal(quantity / lot * (1 + 1e-15)).to_integral_value(ROUND_FLOOR)
    return float(count * Decimal(repr(lot)))


def lost_to(price, level, side):
    """Whether a position on `side` stands at `level` or worse; one on the other side then stands there or better."""
    return price <= level if side > 0 else price >= level


def first_hit(side, carried, bar, mark, stop, target, liquidation):
    """Items 4b to 4d: (what one bar hits, where, whether the bar leaves the order of things open)."""
    worst, best = ("low", "high") if side > 0 else ("high", "low")
    if carried:
        if lost_to(mark["open"], liquidation, side):
            return "liquidation", None, False
        if lost_to(bar["open"], stop, side):
            return "stop", bar["open"], False
        if lost_to(bar["open"], target, -side):
            return "target", bar["open"], False
    won = lost_to(bar[best], target, -side)
    if lost_to(bar[worst], stop, side):
        return "stop", stop, won
    if lost_to(mark[worst], liquidation, side):
        return "liquidation", None, won
    return ("target", target, False) if won else (None, None, False)


def simulate(symbols, s, start=None, warmup=0):
    """symbols: dicts of bars, detail, length of a bar, lot and minima; s: the settings by their names.

    A bar: time, day, open, high, low, close; mark and funding where there are any; the wish at its close.
    """
    leverage, down, taker = s["leverage"], s["slippage"], s["taker_fee"]
    cash = equity = peak = s["starting_balance"]
    held, leaving, entering, close, stopped = {}, {}, [], {}, {}  # by place in the list; the entries in decision order
    today, opening, lost_today, drawn_down = None, None, False, False
    trades, curve, halts, refused, ambiguous, exposure_sum = [], [], [], [], 0, 0.0
    rows = [{bar["time"]: row for row, bar in enumerate(symbol["bars"])} for symbol in symbols]

    def worth(p, price):
        if p["side"] > 0 and not s["is_margined"]:  # a spot purchase; everything else rests on a margin
            return p["quantity"] * price
        return p["quantity"] * p["price"] / leverage + p["side"] * (price - p["price"]) * p["quantity"]

    def close_position(k, row, price, rate, reason):
        nonlocal cash
        p = held.pop(k)
        fee = p["quantity"] * price * rate
        cash += worth(p, price) - fee
        prices = [p["price"], price, p["fees"] + fee, p["funding"]]
        trades.append([k, p["side"], p["row"], row, p["quantity"], *prices, reason])
        if reason in ("stop_loss", "trailing_stop", "liquidation"):
            stopped[k] = row

    def protect(k, row):
        nonlocal ambiguous
        p, bar = held[k], symbols[k]["bars"][row]
        side, price = p["side"], p["price"]
        tighter, better = (max, "high") if side > 0 else (min, "low")
        fixed, target = price * (1 - side * s["stop_loss"]), price * (1 + side * s["take_profit"])
        stop = tighter(fixed, p["best"] * (1 - side * s["trailing_stop"])) if s["trailing_stop"] else fixed
        liquidation = never = -side * math.inf
        if s["is_margined"]:
            liquidation = price * (1 - side * (1 / leverage - s["maintenance_margin_rate"]))
        carried = p["row"] < row
        hit, at, is_open = first_hit(side, carried, bar, bar.get("mark") or bar, stop, target, liquidation)
        spared = first_hit(side, False, bar, bar.get("mark") or bar, never, math.inf * side, liquidation)[0] is None
        if hit == "stop" and is_open and spared:  # the finer bars inside this one decide, if they can
            end = bar["time"] + symbols[k]["length"]
            for fine in [fine for fine in symbols[k]["detail"] if bar["time"] <= fine["time"] < end]:
                inner, where, still_open = first_hit(side, carried, fine, fine, stop, target, never)
                carried = True
                if inner:
                    hit, at, is_open = inner, where, still_open
                    break
        p["best"] = tighter(p["best"], bar[better])
        ambiguous += is_open
        if hit == "liquidation":
            close_position(k, row, price * (1 - side / leverage), taker, "liquidation")
        elif hit == "stop":
            close_position(k, row, at * (1 - side * down), taker, "stop_loss" if stop == fixed else "trailing_stop")
        elif hit == "target":
            close_position(k, row, at, s["maker_fee"], "take_profit")

    def try_entry(k, row, side):
        others = [i for i in sorted(held) if i != k]  # a reversal leaves its own old leg out
        loss = s["stop_loss"] + s["slippage"]
        bans = {
            "max_daily_loss": lost_today,
            "max_drawdown": drawn_down,
            "cooldown": k in stopped and row - stopped[k] < s["cooldown_bars"],
            "max_concurrent_positions": len(others) + len(entering) >= s["max_concurrent_positions"],
            "liquidation_before_stop": s["is_margined"] and 1 / leverage - s["maintenance_margin_rate"] <= loss,
        }
        if any(bans.values()):
            return next(why for why, holds in bans.items() if holds)
        exposure, free, cost = 0.0, cash, 1 + down + leverage * taker
        for i in others:
            exposure += held[i]["quantity"] * close[i]
        for order in entering:
            exposure += order["quantity"] * close[order["symbol"]]
            free -= order["quantity"] * close[order["symbol"]] * cost / leverage
        if k in held:
            free += worth(held[k], close[k]) - held[k]["quantity"] * close[k] * (down + taker)
        room = s["max_total_exposure"] - exposure
        if room <= 0:
            return "max_total_exposure"
        wish = equity * s["risk_per_trade"] / (loss + 2 * taker) if s["sizes_by_risk"] else s["max_position_size"]
        size = min(wish, s["max_position_size"], room, free * leverage / cost)
        quantity = round_down(size / close[k], symbols[k]["lot"])
        if quantity <= 0 or quantity < symbols[k]["minimum_quantity"]:
            return "below_lot"
        if quantity * close[k] < symbols[k]["minimum_notional"]:
            return "below_minimum_notional"
        entering.append({"symbol": k, "side": side, "quantity": quantity, "row": row})
        return None

    for now in sorted({time for of_symbol in rows for time in of_symbol if start is None or time >= start}):
        present = {k: of_symbol[now] for k, of_symbol in enumerate(rows) if now in of_symbol}
        bars = {k: symbols[k]["bars"][row] for k, row in present.items()}
        day = next(iter(bars.values()))["day"]
        if day != today:
            today, opening, lost_today = day, equity, False
        # item 10: funding of what was held just before
        for k in sorted(held.keys() & bars.keys()):
            paid = held[k]["side"] * held[k]["quantity"] * (bars[k].get("funding") or 0.0)
            cash -= paid
            held[k]["funding"] += paid
        # item 4a: pending exits at the opens, then pending entries; the orders of absent symbols wait
        for k in sorted(leaving.keys() & bars.keys()):
            price = bars[k]["open"] * (1 - held[k]["side"] * down)
            close_position(k, present[k], price, taker, leaving.pop(k)["reason"])
        for order in [order for order in entering if order["symbol"] in bars]:
            entering.remove(order)
            k, side, quantity = order["symbol"], order["side"], order["quantity"]
            price = bars[k]["open"] * (1 + side * down)
            fee = quantity * price * taker
            left = cash - quantity * price / leverage - fee
            if left < -1e-12 * cash:
                refused.append("insufficient_funds")
                continue
            cash, p = left, {"side": side, "quantity": quantity, "price": price}
            held[k] = p | {"fees": fee, "funding": 0.0, "row": present[k], "best": price}
        # items 4b to 4d
        for k in sorted(held.keys() & bars.keys()):
            protect(k, present[k])
        # item 5: marks, then limits (item 9)
        close |= {k: bar["close"] for k, bar in bars.items()}
        equity, gross = cash, 0.0
        for k in sorted(held):
            equity, gross = equity + worth(held[k], close[k]), gross + held[k]["quantity"] * close[k]
        exposure_sum += (gross / equity if equity > 0 else math.nan) if gross else 0.0
        curve.append((now, day, equity))
        peak = max(peak, equity)
        if s["max_daily_loss"] < 1 and not lost_today and equity <= opening * (1 - s["max_daily_loss"]):
            lost_today = True
            halts.append((len(curve) - 1, "max_daily_loss"))
        if s["max_drawdown"] < 1 and not drawn_down and equity <= peak * (1 - s["max_drawdown"]):
            drawn_down = True
            halts.append((len(curve) - 1, "max_drawdown"))
        # decisions: items 1, 2, 6, 7, 8
        for k in sorted(bars, key=lambda k: (-bars[k]["confidence"], k)):
            bar, row, wanted = bars[k], present[k], bars[k]["entry"]
            if row < warmup:
                continue
            if k in held:
                p = held[k]
                aged = s["max_holding_bars"] and row - p["row"] + 1 >= s["max_holding_bars"]
                reason = bar["exit_long" if p["side"] > 0 else "exit_short"] or ("time" if aged else None)
                if reason:
                    leaving[k] = {"reason": reason, "row": row}
                if reason != "signal" or wanted != -p["side"]:
                    continue
            if wanted and (wanted > 0 or s["allows_short"]) and (refusal := try_entry(k, row, wanted)):
                refused.append(refusal)
    return {
        "trades": trades,
        "curve": curve,
        "halts": halts,
        "refused": refused,
        "positions": [
            [k, p["side"], p["row"], p["quantity"], p["price"], p["fees"], p["funding"]]
            for k, p in sorted(held.items())
        ],
        "pending": [
            [k, held[k]["side"], held[k]["quantity"], o["reason"], o["row"]] for k, o in sorted(leaving.items())
        ]
        + [[o["symbol"], o["side"], o["quantity"], None, o["row"]] for o in entering],
        "exposure_sum": exposure_sum,
        "ambiguous": ambiguous,
    }
