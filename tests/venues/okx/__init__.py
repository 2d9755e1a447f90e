"""OKX's v5 API for one account that holds spot and perpetual swaps."""
