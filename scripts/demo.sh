#!/bin/sh
# The main job, offline, on real data that ships: `make demo`.
set -eu
cd "$(dirname "$0")/.."
TRADER_HOME=$(mktemp -d)
export TRADER_HOME
trap 'rm -rf "$TRADER_HOME"' EXIT

say() {
  printf '\n$ trader %s\n' "$*"
  .venv/bin/trader "$@"
}

say show demo_btc_rsi --json | cut -c 1-76
say data check samples/coinbase/BTC_USD-1h.parquet
say backtest demo_btc_rsi --data samples
say backtest demo_aapl_momentum --data samples
