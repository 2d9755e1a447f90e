"""A secret that is planted, everything it may look like, and a strategy that does its best to let it out."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = str(Path(sys.executable).parent / "trader")
SECRET = 'Canary+9/zQ"7&x Kd4\\=='  # noqa: S105 - planted, to be found


def forms(secret: str = SECRET) -> list[str]:
    """What a secret may look like, written by others' code."""
    data = secret.encode()
    plain = [
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(json.dumps(secret))[3:-3],
        repr(secret)[1:-1],
        data.hex(),
        data.hex().upper(),
        base64.b64encode(data).decode(),
        base64.b64encode(data).decode().rstrip("="),
        base64.urlsafe_b64encode(data).decode(),
        base64.urlsafe_b64encode(data).decode().rstrip("="),
    ]
    return plain + inner_forms(secret)


def inner_forms(secret: str = SECRET) -> list[str]:
    """What shows of a secret inside a longer text in base64: what stands before it moves it against the threes."""
    data = secret.encode()
    return [base64.b64encode(b"user"[:shift] + data + b"xyz").decode()[4:-8] for shift in range(3)]


LEAKY = """
import base64, json, logging, os, threading, warnings
from urllib.parse import quote

import numpy as np

from trader_cli.strategies.base import Params, Strategy
from trader_cli.strategies.wishes import wishes

KEY = os.environ["CANARY_KEY"]
ALL = f"{KEY} {quote(KEY, safe='')} {KEY.encode().hex()} {base64.b64encode(KEY.encode()).decode()} {json.dumps(KEY)}"


class LeakyParams(Params):
    pass


class Leaky(Strategy[LeakyParams]):
    name = "leaky"
    summary = "tells everybody everything"
    params_model = LeakyParams

    def warmup(self, timeframe, hours):
        return 1

    def window(self, timeframe, hours):
        return 2

    def signals(self, bars):
        how = os.environ.get("LEAK", "")
        credentials = {"secret": KEY}
        if how == "log":
            for name in ("ccxt.base.exchange", "urllib3", "mine"):
                logging.getLogger(name).debug("request %s", ALL)
                logging.getLogger(name).error("request %s", ALL)
                logging.getLogger(name).error("%d", ALL)
            try:
                raise KeyError(ALL)
            except KeyError:
                logging.getLogger("mine").exception("failed")
            warnings.warn(ALL, stacklevel=1)
        if how == "thread":
            thread = threading.Thread(target=lambda: {}[ALL])
            thread.start()
            thread.join()
        if how == "crash":
            try:
                {}[ALL]
            except KeyError as error:
                raise RuntimeError(f"GET https://venue/order?signature={quote(KEY)} {credentials}") from error
        rising = np.arange(len(bars)) % 2 == 1
        return wishes(rising, ~rising, confidence=0.6, values={KEY: bars.close})

    def reason(self, values):
        return ALL
"""


@dataclass(frozen=True)
class Traces:
    """What a run has left behind: its exit code and every byte it wrote."""

    code: int
    out: str
    err: str
    files: Mapping[str, bytes]

    def text(self, name: str) -> str:
        """A file's text; nothing where there is none."""
        return self.files.get(name, b"").decode()

    @property
    def log(self) -> str:
        """The log of the leaky variant."""
        return self.text("logs/leaky-paper-replay.log")

    def leaks(self, secret: str = SECRET) -> list[str]:
        """Where the secret shows, and in which form."""
        written = {"stdout": self.out.encode(), "stderr": self.err.encode(), **self.files}
        return [f"{name}: {form}" for name, data in written.items() for form in forms(secret) if form.encode() in data]


def leaky_variant(folder: Path) -> Path:
    """A variant of the leaky strategy, whose key is in the variable CANARY_KEY."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    strategy = folder / "leaky.py"
    strategy.write_text(LEAKY)
    strategy.chmod(0o644)
    variant = folder / "leaky.toml"
    variant.write_text(
        '[variants]\nbroker = "kraken"\nstrategy = "leaky.py:Leaky"\n\n[trading_symbols]\ncrypto = ["BTC/USD"]\n\n'
        '[session]\ntimeframe = "1h"\n\n[broker_config.credentials]\napi_key = "${CANARY_KEY}"\n'
    )
    return variant


def ran(folder: Path, *arguments: object, **variables: str) -> Traces:
    """Runs `trader ARGUMENTS` in a process of its own, its home and variants below `folder`."""
    home = folder / "home"
    leaky_variant(folder / "variants")
    environment = {
        **os.environ,
        "TRADER_HOME": str(home),
        "TRADER_VARIANTS_DIR": str(folder / "variants"),
        "CANARY_KEY": SECRET,
        **variables,
    }
    done = subprocess.run(
        [PROGRAM, *map(str, arguments)], cwd=ROOT, env=environment, capture_output=True, timeout=120, check=False
    )
    kept = {str(path.relative_to(home)): path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}
    return Traces(done.returncode, done.stdout.decode(), done.stderr.decode(), kept)
