"""Alpaca's trading and data APIs: stocks in exchange hours, and crypto at all hours."""
