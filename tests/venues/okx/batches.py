"""Several things asked of OKX at once: each has a yes or no of its own, even where it is alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.venues.core.refusals import Reason, Refused
from tests.venues.front import Answer
from tests.venues.okx.words import said
from tests.venues.spoken import Spoken

if TYPE_CHECKING:
    from tests.venues.front import Asked

type Named = Callable[[dict[str, Any]], tuple[str, str]]
"""Does one of several things that are asked at once, and names the order by the venue's id and by the client's."""


def each(
    asked: Asked, wanted: list[dict[str, Any]], do: Named, names: tuple[str, str] = ("ordId", "clOrdId")
) -> Answer:
    """Does one thing after another; each has its own yes or no, and the whole says how many went well."""
    rows = [_one(asked, one, do, names) for one in wanted]
    went_well = sum(row["sCode"] == "0" for row in rows)
    code, text = ("0", "") if went_well == len(rows) else ("1", "All operations failed")
    if 0 < went_well < len(rows):
        code, text = "2", "Bulk operation partially succeeded"
    return Answer(200, {"code": code, "data": rows, "msg": text})


def listed(asked: Asked) -> list[dict[str, Any]]:
    """The objects of a body that is a list. Raises: Refused for anything else."""
    try:
        found = json.loads(asked.body)
    except ValueError as wrong:
        raise Spoken(Reason.BAD_PARAMETER, 50000, "Body can not be empty.") from wrong
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Spoken(Reason.BAD_PARAMETER, 50002, "Incorrect json data format.")
    return found


def _one(asked: Asked, one: dict[str, Any], do: Named, names: tuple[str, str]) -> dict[str, Any]:
    try:
        return {**dict(zip(names, do(one), strict=True)), "sCode": "0", "sMsg": ""}
    except Refused as refused:
        asked.entry.refused = refused.reason.name
        code, text = said(refused)
        return {**{name: str(one.get(name, "")) for name in names}, "sCode": str(code), "sMsg": text}
