"""One trader, assembled at run time from a variant file."""

__version__ = "0.1.0"
