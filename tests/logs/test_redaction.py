"""A secret is struck out by its value, whatever form it takes."""

from __future__ import annotations

import base64
import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.logs.canaries import SECRET, forms, inner_forms
from trader_cli import redaction
from trader_cli.cleaning import foreign, safe
from trader_cli.cli import render
from trader_cli.redaction import SHORTEST, Secrets, redacted, register


@pytest.mark.parametrize("form", [form for form in forms() if form not in inner_forms()])
def test_f113_each_form_of_a_secret_is_struck_out(form: str) -> None:
    register([SECRET])
    said = redacted(f"before {form} after")
    assert form not in said
    assert said.startswith("before ***")
    assert said.endswith(" after")


@pytest.mark.parametrize("name", ["", "u", "us", "use", "user:"])
@pytest.mark.parametrize("rest", ["", ":", ":x", ":xy"])
def test_f113_a_secret_is_struck_out_of_a_longer_text_in_base64(name: str, rest: str) -> None:
    register([SECRET])
    said = redacted("Basic " + base64.b64encode(f"{name}{SECRET}{rest}".encode()).decode())
    assert "***" in said
    assert not [form for form in inner_forms() if form in said]


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=SHORTEST, max_size=40))
def test_f113_any_text_may_be_a_secret(value: str) -> None:
    secrets = Secrets()
    secrets.add([value])
    bare = value.strip()
    if len(bare) >= SHORTEST:
        for form in set(forms(bare)) - set(inner_forms(bare)):
            assert form not in secrets.struck_out(f"<{form}>").replace("***", "")


def test_nothing_else_is_struck_out() -> None:
    line = "2024-01-05T10:00:00Z fill: long entry 0.0123 BTC/USD at 43214.82"
    assert redacted(line) is line
    register([SECRET])
    assert redacted(line) == line


@pytest.mark.parametrize("value", ["", " ", "short", "  abc  "])
def test_an_empty_or_short_value_is_no_secret(value: str) -> None:
    register([value])
    assert redacted(f"a {value} b") == f"a {value} b"


def test_a_secret_that_begins_with_another_one_is_struck_out_whole() -> None:
    register(["abcdef"])
    register(["abcdefghijkl"])
    assert redacted("abcdefghijkl abcdef") == "*** ***"


def test_a_key_of_several_lines_is_struck_out_whole_joined_and_line_by_line() -> None:
    lines = [
        "-----BEGIN PRIVATE KEY-----",
        "MC4CAQAwBQYDK2VwBCIEIAaa",
        "bb11ZZ22cc33YY44dd55",
        "-----END PRIVATE KEY-----",
    ]
    register(["\n".join(lines) + "\n"])
    assert redacted("\n".join(lines)) == "***"
    assert redacted(" ".join(lines)) == "***"
    assert redacted("\\n".join(lines)) == "***"
    assert redacted(f"line {lines[1]}.") == "line ***."
    assert redacted(lines[0]) == lines[0]


def test_half_a_secret_is_not_left_where_a_text_is_cut() -> None:
    register([SECRET])
    for before in range(480, 501):
        assert "Canary" not in foreign("x" * before + SECRET)


def test_a_number_in_a_document_stays_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    register(["123456"])
    render.document({"price": 123456, "said": "key 123456", "123456": [1.123456, {"deep": "123456"}]})
    assert json.loads(capsys.readouterr().out) == {
        "price": 123456,
        "said": "key ***",
        "***": [1.123456, {"deep": "***"}],
    }


def test_every_way_to_print_is_guarded(capsys: pytest.CaptureFixture[str]) -> None:
    register([SECRET])
    render.line(SECRET)
    render.text(f"{SECRET}\n")
    render.words(SECRET)
    render.table((SECRET,), [(SECRET,)], title=SECRET)
    streams = capsys.readouterr()
    assert "Canary" not in streams.out + streams.err
    assert (streams.out + streams.err).count("***") == 6


def test_a_secret_is_known_before_it_is_cleaned() -> None:
    register(["bell\x07inside"])
    assert safe("a bell\x07inside b") == "a *** b"


def test_threads_may_learn_and_ask_at_once() -> None:
    wrong = []

    def work(number: int) -> None:
        for turn in range(8):
            value = f"secret-{number}-{turn}"
            register([value])
            if value in redacted(f"a {value} b"):
                wrong.append(value)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_traceback_holds_neither_secrets_nor_variables() -> None:
    register([SECRET])
    hidden = "in a vari" + "able"
    with pytest.raises(ValueError, match="Canary") as raised:
        raise ValueError(f"refused {SECRET}, {len(hidden)}")
    said = redaction.traceback_of(raised.value)
    assert "ValueError: refused ***, 13" in said
    assert "test_redaction.py" in said
    assert "in a variable" not in said
