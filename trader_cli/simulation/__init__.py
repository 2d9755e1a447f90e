"""The simulated exchange: an executor in memory that fills orders from closed bars."""
