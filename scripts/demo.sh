#!/bin/sh
# The main job, offline, on real data that ships: `make demo`. On a terminal the replays are dashboards.
set -eu
cd "$(dirname "$0")/.."
TRADER_HOME=$(mktemp -d)
export TRADER_HOME
trap 'rm -rf "$TRADER_HOME"' EXIT

say() {
  printf '\n$ trader %s\n' "$*"
  .venv/bin/trader "$@"
}

ending() { # of what would be thousands of lines; a failure still ends the demo
  printf '\n$ trader %s | tail -n 6\n' "$*"
  .venv/bin/trader "$@" >"$TRADER_HOME/told"
  tail -n 6 "$TRADER_HOME/told"
}

replay() {
  if [ -t 1 ]; then say "$@"; else ending "$@"; fi
}

say data check samples/coinbase/BTC_USD-1h.parquet
say backtest demo_btc_rsi --data samples
replay paper demo_btc_rsi --replay samples --verify
say backtest demo_aapl_momentum --data samples
replay paper demo_aapl_momentum --replay samples --verify
