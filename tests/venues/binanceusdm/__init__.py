"""Binance's futures margined in dollars: another host than spot, with a wallet, fees and rules of its own."""
