"""`trader service`: what it prints runs the variants, on time, and nothing else."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from exchange_calendars import get_calendar
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.cli.program import trader
from tests.variant.files import small
from trader_cli.app.schedule import schedule
from trader_cli.app.service import LONGEST_COMMAND, Kind, Service, Site, service
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import UsageError
from trader_cli.settings import home
from trader_cli.variant.loading import Resolved, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    type Capture = pytest.CaptureFixture[str]

PROGRAM = Path(sys.executable).with_name("trader")
ROOT = Path(__file__).resolve().parent.parent.parent
MINUTE = timedelta(minutes=1)
NEW_YORK = ZoneInfo("America/New_York")
FORTNIGHTS = {
    "clocks go forward": datetime(2024, 3, 3, tzinfo=UTC),
    "clocks go back": datetime(2024, 10, 27, tzinfo=UTC),
    "a half day in winter": datetime(2024, 11, 24, tzinfo=UTC),
    "a half day in summer": datetime(2024, 6, 30, tzinfo=UTC),
}
INTRADAY = [timeframe for timeframe in Timeframe if timeframe is not Timeframe.D1]


def written(folder: Path, name: str, cell: str = "", *, mode: str = "paper", **more: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(small(mode=mode, **more) + cell, encoding="utf-8")
    return path


def on_site(kind: Kind, *paths: Path, site: Site | None = None) -> Service:
    chosen = [load(str(path), variants_dir=path.parent, environment={}) for path in paths]
    return service(kind, chosen, site or Site(Path("/opt/trader/bin/trader"), Path("/srv/state"), {}))


def as_cron_reads(text: str) -> tuple[str, str]:
    """The five fields and the command of the last line: up to a bare `%`, and each `\\%` a `%`."""
    fields = text.splitlines()[-1].split(" ", 5)
    command = fields[5]
    assert "%" not in command.replace("\\%", "")
    assert "\\" not in command.replace("\\%", "")
    return " ".join(fields[:5]), command.replace("\\%", "%")


def settings_of(unit: str) -> dict[str, list[str]]:
    """The settings of a unit, each with all its values."""
    found: dict[str, list[str]] = {}
    for line in unit.splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def as_systemd_reads(value: str, *, expands: bool = False) -> list[str]:
    """The words of a setting: quotes and backslashes as in a shell's, then specifiers and variables."""
    words = shlex.split(value)
    assert not any("%" in word.replace("%%", "") for word in words)
    words = [word.replace("%%", "%") for word in words]
    if expands:
        assert not any("$" in word.replace("$$", "") for word in words[1:])
        words = [words[0], *(word.replace("$$", "$") for word in words[1:])]
    return words


@cache
def sessions(start: datetime, *, extended: bool) -> list[tuple[datetime, datetime]]:
    """Opening and close of the sessions of a fortnight, from a calendar that is not ours."""
    calendar = get_calendar("XNYS")
    found: list[tuple[datetime, datetime]] = []
    for day in calendar.sessions_in_range(f"{start:%Y-%m-%d}", f"{start + timedelta(days=13):%Y-%m-%d}"):
        opened, closed = calendar.session_open(day).to_pydatetime(), calendar.session_close(day).to_pydatetime()
        if extended:
            opened, closed = (
                datetime(day.year, day.month, day.day, hour, tzinfo=NEW_YORK).astimezone(UTC) for hour in (4, 20)
            )
        found.append((opened, closed))
    return found


def closes(start: datetime, timeframe: Timeframe, hours: TradingHours) -> list[datetime]:
    """When each bar of a fortnight closes."""
    length = timeframe.duration
    if hours is TradingHours.CONTINUOUS:
        return [start + number * length for number in range(1, timedelta(days=14) // length)]
    found: list[datetime] = []
    for opened, closed in sessions(start, extended=hours is TradingHours.EXTENDED):
        bars = 1 if timeframe is Timeframe.D1 else -((opened - closed) // length)
        found += [closed if timeframe is Timeframe.D1 else min(opened + n * length, closed) for n in range(1, bars + 1)]
    return found


def longest_wait(fields: str, start: datetime, timeframe: Timeframe, hours: TradingHours) -> timedelta:
    """How long after its close a bar waits for the line at most."""
    fired, waits = CronSim(fields, start - MINUTE), []
    at = next(fired)
    for close in closes(start, timeframe, hours):
        while at < close:
            at = next(fired)
        waits.append(at - close)
    return max(waits)


@pytest.mark.parametrize("start", FORTNIGHTS.values(), ids=FORTNIGHTS)
@pytest.mark.parametrize("hours", TradingHours)
@pytest.mark.parametrize("timeframe", INTRADAY)
def test_cron_starts_within_a_minute_of_every_close(timeframe: Timeframe, hours: TradingHours, start: datetime) -> None:
    assert len(closes(start, timeframe, hours)) > 8
    assert longest_wait(str(schedule(timeframe, hours)), start, timeframe, hours) <= MINUTE


@pytest.mark.parametrize("start", FORTNIGHTS.values(), ids=FORTNIGHTS)
def test_a_daily_bar_of_a_stock_is_asked_for_after_its_close_on_half_days_with_the_others(start: datetime) -> None:
    for hours in (TradingHours.REGULAR, TradingHours.EXTENDED):
        half_days = hours is TradingHours.REGULAR and "half" in {v: k for k, v in FORTNIGHTS.items()}[start]
        patience = timedelta(hours=4 if half_days else 1, minutes=5)
        assert timedelta(0) < longest_wait(str(schedule(Timeframe.D1, hours)), start, Timeframe.D1, hours) <= patience
    continuous = str(schedule(Timeframe.D1, TradingHours.CONTINUOUS))
    assert longest_wait(continuous, start, Timeframe.D1, TradingHours.CONTINUOUS) == timedelta(0)


@pytest.mark.parametrize(
    ("timeframe", "hours", "fields"),
    [
        ("1m", "24/7", "* * * * *"),
        ("5m", "24/7", "*/5 * * * *"),
        ("1h", "24/7", "0 * * * *"),
        ("4h", "24/7", "0 */4 * * *"),
        ("1d", "24/7", "0 0 * * *"),
        ("1m", "regular", "* 13-21 * * 1-5"),
        ("1h", "regular", "*/30 13-21 * * 1-5"),
        ("1d", "regular", "5 20-21 * * 1-5"),
        ("1h", "extended", "0 0-1,8-23 * * 1-6"),
        ("1d", "extended", "5 0-1 * * 2-6"),
    ],
)
def test_the_line_is_as_short_as_a_person_would_write_it(timeframe: str, hours: str, fields: str) -> None:
    assert str(schedule(Timeframe(timeframe), TradingHours(hours))) == fields


@pytest.mark.parametrize("start", FORTNIGHTS.values(), ids=FORTNIGHTS)
def test_a_line_of_several_variants_starts_after_the_closes_of_each(start: datetime, tmp_path: Path) -> None:
    coins = written(tmp_path, "coins", '[session]\ntimeframe = "1h"\n')
    shares = written(tmp_path, "shares", '[session]\ntimeframe = "2h"\n', broker="alpaca", asset_class="stocks")
    threes = written(tmp_path, "threes", '[session]\ntimeframe = "3m"\n')
    fives = written(tmp_path, "fives", '[session]\ntimeframe = "5m"\n')
    fields, _ = as_cron_reads(on_site(Kind.CRON, coins, shares).text)
    assert longest_wait(fields, start, Timeframe.H1, TradingHours.CONTINUOUS) <= MINUTE
    assert longest_wait(fields, start, Timeframe.H2, TradingHours.REGULAR) <= MINUTE
    fields, _ = as_cron_reads(on_site(Kind.CRON, threes, fives).text)
    for timeframe in (Timeframe.M3, Timeframe.M5):
        assert longest_wait(fields, start, timeframe, TradingHours.CONTINUOUS) <= MINUTE


STRANGE = st.text(st.sampled_from("ab /'\"%$`;&|>()[]{}*?~#!=-é"), min_size=1, max_size=12)
FOLDERS = STRANGE.map(lambda name: Path(f"/srv/{name}"))
PROGRAMS = FOLDERS.filter(lambda path: not set("'\"") & set(str(path)))
TAME = Path("/srv/tame")


@cache
def sound() -> Resolved:
    """A variant with keys and a strange setting's worth of neighbours."""
    return load(str(ROOT / "variants" / "okx_crypto_demo.toml"), variants_dir=ROOT, environment={})


def strange(kind: Kind, program: Path, state: Path, file: Path, value: str) -> tuple[Service, Mapping[str, str]]:
    found = sound()
    named = Resolved(found.variant, found.origins, file / "own.toml")
    variables = {"TRADER_COSTS__TAKER_FEE": value, "TRADER_TOKEN": "hidden", "OKX_API_SECRET": "hidden"}
    made = service(kind, [named], Site(program / "trader", state, variables))
    return made, {"TRADER_HOME": str(state), "TRADER_COSTS__TAKER_FEE": value}


@settings(max_examples=200)
@given(FOLDERS, FOLDERS, FOLDERS, STRANGE)
@example(Path("/srv/50% off"), Path("/srv/it's"), Path("/srv/$(id)"), "'; id #")
def test_nothing_in_a_path_breaks_out_of_a_crontab_line(program: Path, state: Path, file: Path, value: str) -> None:
    made, variables = strange(Kind.CRON, program, state, file, value)
    _, command = as_cron_reads(made.text)
    words = shlex.split(command)
    assert len(made.text.splitlines()) == len(strange(Kind.CRON, TAME, TAME, TAME, "1")[0].text.splitlines())
    assert words[:3] == ["mkdir", "-p", f"{state}/logs"]
    assert words[3] == "&&"
    assert dict(word.split("=", 1) for word in words[4:6]) == variables
    assert tuple(words[6:-2]) == made.command
    assert words[-2:] == [f">>{state}/logs/okx_crypto_demo.log", "2>&1"]
    assert "hidden" not in made.text


@settings(max_examples=200)
@given(PROGRAMS, FOLDERS, FOLDERS, STRANGE)
@example(Path("/srv/$HOME ;"), Path("/srv/50% it's \\z"), Path('/srv/"q" ${x}'), '" % \\')
def test_nothing_in_a_path_breaks_out_of_a_unit(program: Path, state: Path, file: Path, value: str) -> None:
    made, variables = strange(Kind.SYSTEMD, program, state, file, value)
    found = settings_of(made.text)
    assert len(made.text.splitlines()) == len(strange(Kind.SYSTEMD, TAME, TAME, TAME, "1")[0].text.splitlines())
    assert as_systemd_reads(*found["ExecStart"], expands=True) == list(made.command)
    told = [word for value in found["Environment"] for word in as_systemd_reads(value)]
    assert dict(word.split("=", 1) for word in told) == variables
    assert as_systemd_reads(*found["ReadWritePaths"]) == [str(state)]
    assert [each.replace("%%", "%") for each in found["EnvironmentFile"]] == [f"-{state}/service.env"]
    assert "hidden" not in made.text


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("letter", ["\n", "\r", "\t", "\x1b", "\x85", "\u2028", "\u202e", "\udcff"])
@pytest.mark.parametrize("kind", Kind)
def test_what_no_line_can_carry_is_refused(kind: Kind, letter: str, place: int) -> None:
    texts = ["/srv/a", "/srv/b", "/srv/c", "0.1"]
    texts[place] += f"{letter}* * * * * id"
    program, state, file, value = texts
    with pytest.raises(UsageError, match="holds a character that no line can carry"):
        strange(kind, Path(program), Path(state), Path(file), value)


def test_what_is_read_differently_here_and_there_is_refused_with_the_other_way() -> None:
    with pytest.raises(UsageError, match="backslash, which cron programs read differently: use --systemd"):
        strange(Kind.CRON, TAME, TAME, Path("/srv/a\\%b"), "1")
    for letter in "'\"\\":
        with pytest.raises(UsageError, match="starts no program whose path holds a quote or a backslash"):
            strange(Kind.SYSTEMD, Path(f"/srv/{letter}"), TAME, TAME, "1")


STUB = """#!/bin/sh
printf '%s\\n' "$TRADER_HOME" "$TRADER_RISK_SETTINGS__STOP_LOSS" "$@"
exit 7
"""


def test_the_line_run_by_a_shell_starts_the_program_logs_it_and_ends_with_its_code(tmp_path: Path) -> None:
    folder = tmp_path / "50% of $HOME; it's `id`"
    folder.mkdir()
    program, state = folder / "trader", folder / "state"
    program.write_text(STUB, encoding="utf-8")
    program.chmod(0o755)
    file = written(folder, "own")
    made = on_site(Kind.CRON, file, site=Site(program, state, {"TRADER_RISK_SETTINGS__STOP_LOSS": "0.03"}))
    _, command = as_cron_reads(made.text)
    for times in (1, 2):
        world = {"HOME": str(tmp_path), "PATH": os.defpath}
        ran = subprocess.run(["sh", "-c", command], cwd="/", env=world, capture_output=True, timeout=60, check=False)
        assert (ran.returncode, ran.stdout, ran.stderr) == (7, b"", b"")
        log = (state / "logs" / "own.log").read_text(encoding="utf-8").splitlines()
        assert log == [str(state), "0.03", "--quiet", "paper", str(file), "--once"] * times


def test_the_real_program_is_reached_and_its_exit_code_is_the_lines(tmp_path: Path, capsys: Capture) -> None:
    file = written(tmp_path, "own")
    _, command = as_cron_reads(trader(capsys, "service", file, "--cron").out)
    file.unlink()
    world = {"HOME": str(tmp_path), "PATH": os.defpath}
    ran = subprocess.run(["sh", "-c", command], cwd="/", env=world, capture_output=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, b"", b"")
    assert str(file) in (home() / "logs" / "own.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("modes", "verb"), [(["paper"], "paper"), (["live"], "run"), (["futures"], "run"), (["paper", "live"], "run")]
)
def test_cron_makes_one_pass_and_systemd_leaves_it_running(modes: list[str], verb: str, tmp_path: Path) -> None:
    files = [written(tmp_path, mode, mode=mode, asset_class=_class_of(mode)) for mode in modes]
    expected = ("/opt/trader/bin/trader", "--quiet", verb, *map(str, files))
    assert on_site(Kind.CRON, *files).command == (*expected, "--once")
    assert on_site(Kind.SYSTEMD, *files).command == expected


def _class_of(mode: str) -> str:
    return "futures" if mode == "futures" else "crypto"


def test_a_unit_starts_again_but_where_somebody_must_look(tmp_path: Path) -> None:
    found = settings_of(on_site(Kind.SYSTEMD, ROOT / "variants" / "okx_crypto_demo.toml").text)
    single = {name: value for name, (value, *others) in found.items() if not others}
    assert single["Type"] == "exec"
    assert single["Restart"] == "on-failure"
    assert single["RestartPreventExitStatus"] == "2 3 4", "configuration, halted, mismatch"
    assert single["SuccessExitStatus"] == "129 130 143", "a stop that was asked for is no failure"
    assert single["KillSignal"] == "SIGTERM"
    assert 8 < int(single["TimeoutStopSec"]) <= 20
    assert (single["NoNewPrivileges"], single["ProtectSystem"]) == ("yes", "strict")
    assert (single["ReadWritePaths"], single["CacheDirectory"]) == ("/srv/state", "trader")
    assert single["WantedBy"] == "default.target"


@pytest.mark.parametrize("folder", ["/tmp/x", "/var/tmp"])  # noqa: S108 - named, not used
def test_a_private_tmp_hides_nothing_that_the_unit_names(folder: str) -> None:
    file = ROOT / "variants" / "okx_crypto_demo.toml"
    elsewhere = Resolved(sound().variant, {}, Path("/srv/okx_crypto_demo.toml"))
    program, state = Path("/opt/trader/bin/trader"), Path("/srv/state")
    apart = service(Kind.SYSTEMD, [elsewhere], Site(program, state, {})).text
    assert settings_of(apart)["PrivateTmp"] == ["yes"]
    inside = Resolved(sound().variant, {}, Path(folder) / file.name)
    for chosen, site in (
        (inside, Site(program, state, {})),
        (elsewhere, Site(Path(folder) / "trader", state, {})),
        (elsewhere, Site(program, Path(folder) / "state", {})),
    ):
        assert "PrivateTmp" not in settings_of(service(Kind.SYSTEMD, [chosen], site).text)


def test_no_secret_is_printed_but_its_variable_is_named(
    root: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    for name in ("OKX_API_KEY", "OKX_API_SECRET", "OKX_PASSPHRASE", "TRADER_API_SECRET"):
        monkeypatch.setenv(name, "hidden")
    monkeypatch.setenv("TRADER_RISK_SETTINGS__STOP_LOSS", "0.03")
    for kind in ("--cron", "--systemd"):
        printed = trader(capsys, "service", "okx_crypto_demo", kind)
        assert printed.code == 0
        assert "hidden" not in printed.out + printed.err
        assert "OKX_API_KEY, OKX_API_SECRET, OKX_PASSPHRASE" in printed.out
        assert "TRADER_RISK_SETTINGS__STOP_LOSS=0.03" in printed.out
        assert f"TRADER_HOME={home()}" in printed.out


def test_json_tells_the_kind_the_schedule_the_command_and_the_text(
    root: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    for kind, times in (("cron", "*/5 * * * *"), ("systemd", None)):
        document = trader(capsys, "service", "okx_crypto_demo", f"--{kind}", "--json").document
        text = trader(capsys, "service", "okx_crypto_demo", f"--{kind}").out
        assert document == {
            "kind": kind,
            "schedule": times,
            "command": [
                *(str(PROGRAM), "--quiet", "run", str(root / "variants" / "okx_crypto_demo.toml")),
                *(["--once"] if kind == "cron" else []),
            ],
            "text": text,
        }


def test_a_wrong_variant_is_told_as_check_tells_it(tmp_path: Path, capsys: Capture) -> None:
    good, bad = written(tmp_path, "good"), tmp_path / "bad.toml"
    bad.write_text(small(mode="paper") + "[risk_settings]\nstop_los = 0.1\ntake_profit = -1\n", encoding="utf-8")
    printed, checked = (trader(capsys, *told) for told in (["service", good, bad, "--cron"], ["check", bad]))
    assert (printed.code, printed.out) == (2, "")
    assert printed.errors == checked.errors
    assert len(printed.errors) == 2
    assert all(error.startswith(f"{bad}: risk_settings.") for error in printed.errors)


def test_what_cannot_run_together_or_at_all_is_refused(tmp_path: Path, capsys: Capture) -> None:
    one = written(tmp_path, "one")
    link = tmp_path / "link.toml"
    link.symlink_to(one)
    twin, past = written(tmp_path, "twin"), written(tmp_path, "past", mode="backtest")
    twin.write_text('trader_name = "one"\n' + twin.read_text(encoding="utf-8"), encoding="utf-8")
    for named, said in (
        ([one, one, "--cron"], f"{one}: is named twice"),
        ([one, link, "--cron"], f"{link}: is named twice"),
        ([one, twin, "--systemd"], f"{twin}: trader_name: 'one' is the name of {one} too"),
        ([one, past, "--cron"], f"{past}: variants.mode: a backtest has nothing to run"),
        ([one], "--cron and --systemd"),
        ([one, "--cron", "--systemd"], "--cron and --systemd"),
        (["nobody", "--cron"], "no variant 'nobody'"),
        (["--cron"], "VARIANT"),
    ):
        outcome = trader(capsys, "service", *named)
        assert (outcome.code, outcome.out) == (2, ""), named
        assert said in outcome.errors[0]


def test_a_command_longer_than_cron_reads_is_refused(tmp_path: Path) -> None:
    files = [written(tmp_path, f"a_variant_with_a_long_name_{number}") for number in range(30)]
    with pytest.raises(UsageError, match=f"some cron programs read {LONGEST_COMMAND}"):
        on_site(Kind.CRON, *files)
    assert on_site(Kind.SYSTEMD, *files).schedule is None
    few = on_site(Kind.CRON, *files[:3])
    assert len(as_cron_reads(few.text)[1].encode()) <= LONGEST_COMMAND


def test_the_program_named_is_the_one_that_runs_by_its_whole_path(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "trader").symlink_to(PROGRAM)
    file = written(tmp_path, "own")
    monkeypatch.chdir(tmp_path)
    for started, named in (("bin/trader", tmp_path / "bin" / "trader"), ("gone/trader", PROGRAM), ("-c", PROGRAM)):
        monkeypatch.setattr(sys, "argv", [started])
        assert trader(capsys, "service", file, "--cron", "--json").document["command"][0] == str(named)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    outcome = trader(capsys, "service", file, "--cron")
    assert (outcome.code, outcome.out) == (2, "")
    assert "there is no program to name" in outcome.errors[0]


def test_a_relative_state_folder_becomes_a_whole_path(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, "own")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRADER_HOME", "state")
    command = as_cron_reads(trader(capsys, "service", file.name, "--cron").out)[1]
    assert shlex.split(command)[4] == f"TRADER_HOME={tmp_path / 'state'}"
    assert str(file) in shlex.split(command)


def test_the_page_about_it_shows_what_it_prints_and_every_schedule(root: Path) -> None:
    page = (root / "docs" / "service.md").read_text(encoding="utf-8")
    found = load(str(root / "variants" / "kraken_crypto_macd.toml"), variants_dir=root, environment={})
    moved = Resolved(found.variant, found.origins, Path("/srv/variants/kraken_crypto_macd.toml"))
    site = Site(Path("/opt/trader/bin/trader"), Path("/srv/trader"), {})
    assert service(Kind.CRON, [moved], site).text in page
    shown = {
        TradingHours.CONTINUOUS: ("1m", "5m", "1h", "4h", "1d"),
        TradingHours.REGULAR: ("5m", "30m", "12h", "1d"),
        TradingHours.EXTENDED: ("1h", "12h", "1d"),
    }
    for hours, timeframes in shown.items():
        for timeframe in timeframes:
            assert f"`{schedule(Timeframe(timeframe), hours)}" in page, (timeframe, hours)
