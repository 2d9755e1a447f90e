"""Deribit's JSON-RPC over HTTP, for perpetuals and spot."""
