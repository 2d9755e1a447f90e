"""Review is the last look at an order, and the only maker of one that may be sent."""

from __future__ import annotations

import ast
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.backtest.markets import FREE, FREE_GRID
from trader_cli.domain.clock import EPOCH
from trader_cli.domain.order import Order, Purpose
from trader_cli.domain.trade import Side
from trader_cli.risk.review import UnsoundOrder, reviewed

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = Order("BTC/USD", Side.LONG, Purpose.ENTRY, Decimal(9), "signal", EPOCH, 100.0, "t1")
EXIT = replace(ENTRY, purpose=Purpose.EXIT, quantity=Decimal("9.5"))
NUMBERS = FREE._replace(max_position_size=1000.0, max_total_exposure=5000.0)
GRID = FREE_GRID._replace(lot=0.5)


def test_what_planning_should_make_passes_unchanged() -> None:
    assert reviewed(ENTRY, NUMBERS, GRID, held=0.0) == ENTRY
    assert reviewed(EXIT, NUMBERS, GRID, held=9.5) == EXIT
    whole = replace(ENTRY, quantity=Decimal(10))
    assert reviewed(whole, NUMBERS, GRID, held=0.0) is whole, "exactly the cap"


@pytest.mark.parametrize(
    ("order", "held", "told"),
    [
        (replace(ENTRY, quantity=Decimal(0)), 0.0, "no quantity"),
        (replace(ENTRY, quantity=Decimal(-1)), 0.0, "no quantity"),
        (replace(ENTRY, quantity=Decimal("NaN")), 0.0, "no quantity"),
        (replace(ENTRY, quantity=Decimal("Infinity")), 0.0, "no quantity"),
        (replace(ENTRY, quantity=Decimal("9.25")), 0.0, "lots"),
        (replace(ENTRY, quantity=Decimal("10.5")), 0.0, "largest position"),
        (replace(ENTRY, price=112.0), 0.0, "largest position"),
        (EXIT, 9.0, "what is held"),
        (EXIT, 0.0, "what is held"),
    ],
)
def test_what_planning_must_never_make_is_not_sent(order: Order, held: float, told: str) -> None:
    with pytest.raises(UnsoundOrder, match=told):
        reviewed(order, NUMBERS, GRID, held=held)


def test_nothing_else_makes_an_order_that_may_be_sent(root: Path) -> None:
    makers = {
        path.relative_to(root).as_posix()
        for path in (root / "trader_cli").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ApprovedOrder"
    }
    assert makers == {"trader_cli/risk/review.py"}
