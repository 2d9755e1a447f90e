"""Simulated venues on loopback: one exchange in memory, and a front end for each venue's own language."""
