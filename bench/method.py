"""What docs/benchmarks.md says of how it was measured."""

from __future__ import annotations

from bench import rules
from bench.cases.fleet import FLEET
from bench.cases.w1 import FEW_BARS
from bench.data import BARS

METHOD = f"""Each row is a ratio of two programs that ran in turns on the same machine, so it holds elsewhere where
seconds do not. Times are CPU seconds (user and system, all threads), medians of the runs shown; each program ran once
before, unmeasured. The raw figures are in `bench/results.json`. The bench fails when a bound is missed. Written by
`make bench`; `sh bench/run.sh GROUP` measures one group anew and leaves the others as they were.

In W1 every engine starts from the same columns in memory (a random walk with jumps, gaps and wicks from a fixed seed)
and ends with its list of trades. `trader` is `strategy.signals` and the compiled kernel of `trader backtest`, nothing
left out: account limits and the equity curve are part of it. The C program (`bench/w1.c`, `-O3 -march=native`) does
without those; it takes RSI through TA-Lib's arithmetic, division by division, and would gain about a tenth without. The
numpy program (`bench/numpy_yardstick.py`) shows that the C program is no straw man.

W2 is a sweep: {len(rules.COMBINATIONS):,} combinations of RSI's period and its two levels, each a run of its own that
ends with the statistics of its trades. The C program (`bench/w2.c`) takes RSI once a period and compares it once a
level; each run then jumps from signal to signal, and over the bars between them in blocks, eight at a time, on two
threads. Nothing but the signals is shared between runs, so stops and targets of their own cost it nothing: `C levels`
(`bench/w2_levels.c`) is the same over RSI's period, stop and target, `C macd` (`bench/w2_macd.c`) another strategy:
MACD over its slow period, threshold and target.
`C dense` (`bench/w2_dense.c`) walks every bar of every run and marks the equity at it: the limit of what a Sharpe
ratio, a drawdown or an account limit takes. The numpy program (`bench/numpy_sweep.py`) jumps as in W1, one run after
the other on one thread. raptorbt's batch uses every core, vectorbt one; both get TA-Lib's RSI once a period and the
100 combinations of a period in one call, and run with the network cut. What threads are worth shows by the wall.

`trader` (`bench/ours_sweep.py`) is what `trader backtest` does with a matrix on one market: validated parameters and
columns in memory to the figures of each run, RSI and its comparisons once for all, then the compiled kernel on two
threads, with every rule of the fill model in place; what a run finds out about its levels is told to runs of the same
terms, of which `trader levels` has few. `trader dense` follows the equity at each bar a position is held,
to a Sharpe ratio and a drawdown of each run; `trader limits` watches a daily loss limit, which some of its runs reach,
and a drawdown limit, which none does: one that did would be done sooner.

W3 is the portfolio: each symbol has its own columns, and all share the cash, the number of positions and the exposure
cap. `trader` computes the signals of every symbol, lays the columns side by side (its time includes that copy) and
walks them in step, the equity curve again included. No peer here has a cap on exposure beside one on positions.

vectorbt is asked for its trades and the equity curve; it gets numpy arrays and TA-Lib's RSI, which is faster than its
own indicator wrappers, and hands back bare records: its readable ones take 4 s more. backtesting.py makes its usual
statistics, runs over the first {FEW_BARS:,} bars, and has its time taken times {BARS // FEW_BARS}.

The first cycle is a whole process with a new home: it asks a simulated Bybit in another process for the time, the
market list, the strategy's history and the bar that has closed, decides and commits. `import ccxt` loads the blocking
clients of every exchange, `import ccxt.async_support` those of the kind that `trader` uses; `trader` loads one of them.
What it needs is SQLAlchemy for the journal, aiohttp for ccxt, NumPy, pydantic and Typer: their bare imports, by a
Python as it comes, take longer than `import ccxt`.

The fleet is {FLEET} paper variants of one symbol in one process: the sessions, feeds, accounts and journal of `trader
paper`, with nobody watching, on a venue that is another process of this machine. A bar closes, each variant decides on
it, and each commits its cycle in a transaction of its own; times are what that takes of one variant. The bare commits
are the very statements of the fleet's journal, given again to SQLite by Python's `sqlite3` alone: as durable (WAL,
`synchronous=FULL`), the same rows, and nothing else. The wall's time counts the disk and the venue, the CPU's does not.
Of memory, a process's own is what it shares with no other: {FLEET} processes take that {FLEET} times."""

PEERS_WORDS = """No engine is wrong about the arithmetic, but rules differ. The differences stated are all there are:
with them switched on, the numpy program makes each peer's trades one by one (see the tables of W1 and W2)."""
