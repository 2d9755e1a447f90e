"""A start that waits for what a venue lists can be stopped."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

TRADER = Path(sys.executable).with_name("trader")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_f084_a_signal_ends_a_start_whose_venue_does_not_answer(number: signal.Signals, code: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = f"broker_config.endpoint=http://127.0.0.1:{silent.getsockname()[1]}"
        cell = ("--broker", "bybit", "--strategy", "rsi", "--mode", "paper", "--symbol", "BTCUSDT", "--set", where)
        process = subprocess.Popen([TRADER, "run", *cell, "--once"], stdout=subprocess.DEVNULL)
        connection, _ = silent.accept()
        sleep(0.3)
        begun = monotonic()
        process.send_signal(number)
        assert process.wait(timeout=30) == code
        assert monotonic() - begun < 8
        connection.close()
