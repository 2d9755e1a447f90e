"""The doctor at the six venues, as simulated ones show themselves: what it finds, and that it asks nothing private."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.program import trader
from tests.readers.cases import CASES, Case
from tests.venues.server import serving

if TYPE_CHECKING:
    from pathlib import Path

CHOSEN = ("bybit-futures", "kraken-crypto", "alpaca-stocks")


@pytest.mark.parametrize("case", [case for case in CASES if str(case) in CHOSEN], ids=str)
def test_a_venue_is_found_well_but_for_the_clock_and_asked_only_what_is_public(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("BYBIT", "KRAKEN", "ALPACA"):
        monkeypatch.setenv(f"{variable}_API_KEY", "a-key")
        monkeypatch.setenv(f"{variable}_API_SECRET", "a-secret")
    with serving(case.front(case.exchange())) as venue:
        (tmp_path / "patient.toml").write_text(
            f'[variants]\nbroker = "{case.broker}"\nstrategy = "rsi"\nasset_class = "{case.asset_class}"\n'
            f'[broker_config]\nendpoint = "{venue.url}"\n'
            f'[trading_symbols]\n{case.asset_class} = ["{case.symbol}"]\n'
        )
        outcome = trader(capsys, "--variants-dir", tmp_path, "doctor", "patient", "--json")
        ledger = venue.ledger
    assert outcome.code == 0, outcome.out + outcome.err
    found = {each["check"]: each["state"] for each in outcome.document["checks"]}
    title = f"{case.broker} {case.asset_class}"
    assert {check for check, state in found.items() if state != "ok"} == {f"{title} clock"}, "it is March there"
    assert f"{title} bars" in found
    assert ledger.entries
    assert not ledger.writes()
    if not case.asset_class.is_stock_like:  # Alpaca's stocks take a key for what every key may read
        assert not ledger.private()
        assert "a-key" not in str(ledger.entries)
