"""Backtests: a compiled kernel that drives the shared rules over history, and what comes of it."""
