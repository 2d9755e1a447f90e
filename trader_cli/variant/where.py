"""`--where 'fast_period < slow_period'`: conditions on the values of a combination, for a million of them at once.

A condition is read into a tree of which only the harmless kinds of nodes are let in; nothing of it is ever executed
as Python.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trader_cli.errors import UsageError
from trader_cli.variant.condition_values import CONSTANTS, Evaluation, dotted
from trader_cli.variant.wording import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trader_cli.variant.condition_values import Values

WHERE = "--where"
_LONGEST = 1000
_MOST_NODES = 500
_ALLOWED = "comparisons, and, or, not, + - * / %, numbers, texts, keys, in [...]"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that has been read; `names` are the keys it speaks of, as it writes them."""

    text: str
    names: frozenset[str]
    _root: ast.expr

    @classmethod
    def read(cls, text: str) -> Condition:
        """The condition of a text.

        Raises: UsageError for what is no condition.
        """
        if len(text) > _LONGEST:
            raise _wrong(text, f"is longer than {_LONGEST} letters: give several conditions")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                root = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            raise _wrong(text, "cannot be read: write e.g. 'fast_period < slow_period and period in [7, 14]'") from None
        if sum(1 for _ in ast.walk(root)) > _MOST_NODES:
            raise _wrong(text, "is too long: give several conditions")
        return cls(text, frozenset(_names(root, text)), root)

    def holds(self, values: Mapping[str, Values]) -> NDArray[np.bool_]:
        """Where the condition holds, given the values of each of its names.

        A comparison with what is unset or divided by zero does not hold.

        Raises: UsageError where it compares a text with a number, puts texts in order, or is no condition at all.
        """
        try:
            with np.errstate(all="ignore"):
                found = Evaluation(values).value(self._root)
        except ValueError as error:
            raise _wrong(self.text, str(error)) from None
        if found.dtype.kind != "b":
            raise _wrong(self.text, "is a value and no condition: compare it with something")
        return found


def _wrong(text: str, what: str) -> UsageError:
    return UsageError(f"'{shortened(text, 100)}' {what}", file=WHERE)


def _forbidden(text: str, node: ast.expr) -> UsageError:
    return _wrong(text, f"may not hold '{shortened(ast.unparse(node), 40)}' (allowed: {_ALLOWED})")


def _names(node: ast.expr, text: str) -> set[str]:
    """The keys below a node.

    Raises: UsageError for a node that no condition may hold.
    """
    match node:
        case ast.Name() | ast.Attribute():
            if (name := dotted(node)) is None:
                raise _forbidden(text, node)
            return set() if name in CONSTANTS else {name}
        case ast.Constant(value=bool() | int() | float() | str()):
            return set()
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.UAdd()):
            return _names(node.operand, text)
        case ast.BoolOp():
            below = node.values
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Mod()):
            below = [node.left, node.right]
        case ast.Compare() if all(map(_can_compare, node.ops, node.comparators)):
            below = [node.left]
            for other in node.comparators:
                below += other.elts if isinstance(other, ast.List | ast.Tuple) else [other]
        case _:
            raise _forbidden(text, node)
    return set().union(*(_names(each, text) for each in below))


def _can_compare(operator: ast.cmpop, other: ast.expr) -> bool:
    """Lists stand behind `in`, and nothing else does; `is` is not offered."""
    is_list = isinstance(other, ast.List | ast.Tuple)
    return is_list == isinstance(operator, ast.In | ast.NotIn) and not isinstance(operator, ast.Is | ast.IsNot)
