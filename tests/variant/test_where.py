"""`--where`: what a condition may say, and what it comes to for a million combinations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_cli.errors import UsageError
from trader_cli.variant.condition_values import column
from trader_cli.variant.where import Condition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trader_cli.variant.condition_values import Values


def columns(**values: list[object]) -> Mapping[str, Values]:
    found = {}
    for name, listed in values.items():
        made = column(listed)
        assert made is not None
        found[name] = made
    return found


ROWS = columns(
    fast=[5, 10, 20],
    slow=[10, 10, 10],
    stop=[0.1, 0.2, None],
    strategy=["rsi", "macd", "rsi"],
    short=[True, False, True],
)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("fast < slow", [True, False, False]),
        ("fast <= slow", [True, True, False]),
        ("fast == slow", [False, True, False]),
        ("fast != slow", [True, False, True]),
        ("5 < fast <= 20", [False, True, True]),
        ("5 < fast < slow + 15", [False, True, True]),
        ("fast > slow or fast < 7", [True, False, True]),
        ("not fast > slow", [True, True, False]),
        ("fast in [5, 20]", [True, False, True]),
        ("fast not in (5, 20)", [False, True, False]),
        ("fast / slow * 2 - 1 == 1", [False, True, False]),
        ("fast % 10 == 0", [False, True, True]),
        ("-fast < -7", [False, True, True]),
        ("stop * 3 == 0.3", [True, False, False]),
        ("0.3 <= stop * 3 and not stop * 3 > 0.6", [True, True, False]),
        ("strategy == 'rsi'", [True, False, True]),
        ("strategy in ['macd', 'vwap']", [False, True, False]),
        ("strategy != 'rsi' or fast == 5", [True, True, False]),
        ("short", [True, False, True]),
        ("short == true and not false", [True, False, True]),
        ("short != True", [False, True, False]),
    ],
)
def test_a_condition_holds_where_its_words_say(text: str, holds: list[bool]) -> None:
    assert np.broadcast_to(Condition.read(text).holds(ROWS), 3).tolist() == holds


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "==", "!="])
def test_a_comparison_with_what_is_unset_or_undefined_does_not_hold(operator: str) -> None:
    unset = columns(a=[None, 0, 0], b=[1, None, 1])
    for left in ("a", "b / a", "b % a"):
        held = Condition.read(f"{left} {operator} b").holds(unset)
        assert not held[:2].any()
        assert left == "a" or not held.any()
    assert Condition.read("a not in [7]").holds(unset).tolist() == [False, True, True]


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=20))
def test_arithmetic_and_chains_are_pythons(rows: list[tuple[int, int, int]]) -> None:
    a, b, c = ([float(row[place]) for row in rows] for place in range(3))
    values = columns(a=list(a), b=list(b), c=list(c))
    found = Condition.read("a - b * c < c <= a + 2 or not (a >= b and b != c) and a % 4 == 1").holds(values)
    expected = [
        x - y * z < z <= x + 2 or (not (x >= y and y != z) and x % 4 == 1) for x, y, z in zip(a, b, c, strict=True)
    ]
    assert found.tolist() == expected


def test_names_are_keys_as_they_are_written() -> None:
    text = "strategy_config.macd.fast_period < slow_period and short == true"
    assert Condition.read(text).names == {"strategy_config.macd.fast_period", "slow_period", "short"}


_NO_CONDITIONS = [
    *("", "fast <", "fast = 5", "fast; slow", "*fast", "\0", "'\\d' == strategy", "(" * 300 + "fast" + ")" * 300),
    *(
        "__import__('os').system('true')",
        "fast.real()",
        "'a'.x == 'b'",
        "[x for x in fast]",
        "fast[0] < 1",
        "lambda: 1",
    ),
    *(
        "fast if short else slow",
        "fast ** 9 < 1",
        "fast // 2 < 1",
        "fast & slow",
        "(fast := 5) < 6",
        "f'{fast}' == 'x'",
    ),
    *("fast is 5", "fast < [5]", "fast in 5", "fast in slow", "fast in [[5]]", "b'x' == strategy", "1j < fast"),
    *("... == fast", "-" * 900 + "1 < fast", "not " * 400 + "short", "fast" + "+1" * 250 + "<1", "1" * 5000 + "<fast"),
]


@pytest.mark.parametrize("text", _NO_CONDITIONS, ids=range(len(_NO_CONDITIONS)))
def test_whatever_is_no_condition_is_refused_unread(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--where: '.*' (cannot be read|may not hold|is longer|is too long)"):
        Condition.read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fast", "is a value and no condition"),
        ("fast < 'a'", "compares a number with a text"),
        ("fast == short", "compares a number with a condition"),
        ("strategy < 'rsi'", "puts a text in order"),
        ("strategy + 1 > 2", "takes 'strategy' for a number"),
        ("not fast", "takes 'fast' for a condition"),
        ("fast and short", "takes 'fast' for a condition"),
        ("fast < 1" + "0" * 400, "holds a number that is too large"),
    ],
)
def test_what_does_not_fit_together_is_told_with_the_text(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        Condition.read(text).holds(ROWS)
    assert str(refused.value).startswith(f"--where: '{text[:30]}")
    assert said in str(refused.value)


def test_a_list_makes_no_column() -> None:
    assert column([("A",), ("B",)]) is None
    assert column([1, "a"]) is None
