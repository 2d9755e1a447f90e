"""The line in which a key stands, found in any valid TOML."""

from __future__ import annotations

import tomllib
from typing import Any

import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.variant.files import FULL, dotted, keys, text
from trader_cli.variant.locating import line_of

TRICKY = '''# top = 1
a = "# [no] header = 1" # b = 2
b = """
[not.a.header]
c = 1
\\""" """""
c = [ # a comment ]
  "x", ["]"],
]
d.e = { f = 1, g = "}" }
"quoted.key" = \'\'\'
h = 1
\'\'\'
[ table . "sub table" ]
h = 1
[table.'x']
i = -1.5e3
empty = ""
last = """"quoted""""
'''


def test_every_key_of_the_full_file_is_found_in_its_own_line() -> None:
    lines = text().splitlines()
    for table, key in keys():
        line = line_of(text(), tuple(dotted(table, key).split(".")))
        assert line is not None
        assert lines[line - 1] == f"{key} = {FULL[table][key]}"


def test_strings_comments_and_brackets_do_not_mislead() -> None:
    assert tomllib.loads(TRICKY)["table"]["x"]["last"] == '"quoted"'
    found = {
        ("a",): 2,
        ("b",): 3,
        ("c",): 7,
        ("d", "e"): 10,
        ("quoted.key",): 11,
        ("table", "sub table"): 14,
        ("table", "sub table", "h"): 15,
        ("table", "x", "i"): 17,
        ("table", "x", "empty"): 18,
        ("table", "x", "last"): 19,
    }
    assert {key: line_of(TRICKY, key) for key in found} == found


def test_a_key_without_a_line_of_its_own_has_that_of_what_it_stands_in() -> None:
    assert line_of(TRICKY, ("d", "e", "f")) == 10
    assert line_of(TRICKY, ("table", "x", "absent")) == 16
    assert line_of(TRICKY, ("absent",)) is None


_values = st.recursive(
    st.one_of(st.text(max_size=8), st.integers(-9, 9), st.booleans()),
    lambda below: st.lists(below, max_size=3),
    max_leaves=4,
)
_documents = st.dictionaries(
    st.text(min_size=1, max_size=5),
    st.one_of(_values, st.dictionaries(st.text(max_size=5), _values, max_size=3)),
    max_size=4,
)


@settings(max_examples=200)
@given(_documents)
def test_any_document_is_walked_without_error_and_every_key_has_a_line(document: dict[str, Any]) -> None:
    written = tomli_w.dumps(document)
    assert tomllib.loads(written) == document
    assert all(line_of(written, (key,)) for key in document if not isinstance(document[key], dict))
