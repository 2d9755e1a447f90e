"""How fast `trader` is, as ratios to peers and to a C program measured in the same run: `make bench`."""
