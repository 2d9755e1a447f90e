"""Makes texts of unknown origin fit to be shown: no secrets, nothing that moves, hides or reorders the rest.

Markup needs no rule: no text of ours is ever read as such.
"""

from __future__ import annotations

import re
import unicodedata

from trader_cli.redaction import redacted

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST = 500
_HIDDEN = {"Cf", "Co", "Cn"}


def safe(text: object) -> str:
    """A text without secrets, control characters and marks that reorder it: foreign strings cannot fake output."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", redacted(str(text)))


def foreign(text: object) -> str:
    """A text of unknown origin on one line, without anything that moves, hides or reorders what stands beside it.

    >>> foreign("two\\nlines  and \\x1b[31mred")
    'two lines and \N{REPLACEMENT CHARACTER}[31mred'
    """
    whole = redacted(str(text))  # before it is cut: half a secret is not recognised
    one_line = " ".join(safe(whole[:_LONGEST]).split()).replace("\N{VARIATION SELECTOR-16}", "")
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(mark) in _HIDDEN else mark for mark in one_line)
