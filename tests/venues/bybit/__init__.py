"""Bybit's v5 API for a unified account: spot and linear perpetuals."""
