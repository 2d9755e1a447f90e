"""The shared scalar functions: what a fill, a fee, a size and a limit is, each written once.

Plain Python on plain numbers, so that the trading loop calls them as they are and the backtest's kernel compiles
the very same text (`rules.compiled`). `side` is +1 for a long position or a buy, -1 for a short or a sell.
"""
