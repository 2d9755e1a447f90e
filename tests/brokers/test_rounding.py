"""Rounding onto the grids of real markets goes in the direction that its name promises, by less than a step."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_cli.data.book import pages
from trader_cli.domain.rounding import limit_price, stop_price, whole_lots
from trader_cli.domain.trade import Side

if TYPE_CHECKING:
    from trader_cli.domain.instrument import Instrument

REAL = sorted(
    {entry.instrument for page in pages().values() for entry in page.entries.values()},
    key=lambda instrument: (instrument.symbol, instrument.tick, instrument.lot),
)
"""Grids of six venues."""

instruments = st.sampled_from(REAL)
amounts = st.decimals(0, 1_000_000, places=9)
sides = st.sampled_from(Side)


def is_on(value: Decimal, step: Decimal) -> bool:
    return value % step == 0


@given(amounts, instruments)
def test_f020_a_quantity_is_never_rounded_up(quantity: Decimal, instrument: Instrument) -> None:
    found = whole_lots(quantity, instrument)
    assert is_on(found, instrument.lot)
    assert 0 <= quantity - found < instrument.lot


@given(amounts, instruments, sides)
def test_f020_a_limit_is_never_worse_than_was_decided(price: Decimal, instrument: Instrument, side: Side) -> None:
    found = limit_price(price, side, instrument)
    worse = found - price if side is Side.LONG else price - found
    assert is_on(found, instrument.tick)
    assert -instrument.tick < worse <= 0


@given(amounts, instruments, sides)
def test_a_stop_comes_no_later_than_was_decided(price: Decimal, instrument: Instrument, side: Side) -> None:
    found = stop_price(price, side, instrument)
    later = price - found if side is Side.LONG else found - price
    assert is_on(found, instrument.tick)
    assert -instrument.tick < later <= 0


@given(amounts, instruments, sides)
def test_what_is_on_the_grid_stays_where_it_is(value: Decimal, instrument: Instrument, side: Side) -> None:
    lots, price = whole_lots(value, instrument), limit_price(value, side, instrument)
    assert whole_lots(lots, instrument) == lots
    assert limit_price(price, side, instrument) == stop_price(price, side, instrument) == price


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1"])
def test_f009_f054_what_is_no_amount_is_refused(value: str) -> None:
    amount, instrument = Decimal(value), REAL[0]
    with pytest.raises(ValueError, match="no finite number"):
        whole_lots(amount, instrument)
    for rounded in (limit_price, stop_price):
        with pytest.raises(ValueError, match="no finite number"):
            rounded(amount, Side.LONG, instrument)
