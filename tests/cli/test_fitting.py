"""What a small screen leaves out: never the money, and no part of a number."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.text import Text

from tests.cli import scenes
from trader_cli.cli.fitting import cut

NUMBER = re.compile(r"\d[\d.,:]*")


@given(st.text(st.sampled_from("ab -+%:,.1259"), max_size=30), st.integers(0, 30))
@example("equity 10,234.57", 12)
@example("1.5 % of 5 %", 2)
def test_a_cut_text_fits_and_shows_its_first_numbers_whole(text: str, width: int) -> None:
    shown = cut(Text(text), width)
    assert shown.cell_len <= width
    seen = NUMBER.findall(shown.plain)
    assert seen == NUMBER.findall(text)[: len(seen)]
    assert text.startswith(shown.plain.removesuffix("…").rstrip())


@pytest.mark.parametrize("height", range(1, 25))
def test_however_low_the_screen_the_money_is_on_it(height: int) -> None:
    shown = scenes.drawn(scenes.crowded(50), 80, height)
    assert "9,412.60" in shown
    assert "-596.03" in shown
