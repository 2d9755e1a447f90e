"""What a condition comes to, for all combinations at once: numbers, texts and switches as arrays."""

from __future__ import annotations

import ast
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trader_cli.variant.wording import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

type Values = NDArray[Any]
"""Numbers (float64; NaN: unset), texts or switches: one a combination, or one for all of them."""

NEAR = 1e-9
"""Numbers this share of their size apart are equal: 3 x 0.1 is 0.3."""

CONSTANTS = {"true": True, "false": False}
"""Switches as a variant file writes them; Python's own spelling is understood too."""


def column(values: Sequence[object]) -> Values | None:
    """The values of a key as a condition sees them; None for lists, of which no condition can be made."""
    if all(isinstance(value, bool) for value in values):
        return np.array(values, dtype=bool)
    if all(isinstance(value, str) for value in values):
        return np.array([str(value) for value in values])
    if all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values):
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return None


def dotted(node: ast.expr) -> str | None:
    """The key that a node names; None where it is no key."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)) is not None:
        return f"{before}.{node.attr}"
    return None


class Evaluation:
    """One walk over the tree of a condition that has been read: every node becomes an array."""

    def __init__(self, values: Mapping[str, Values]) -> None:
        self._values = values

    def value(self, node: ast.expr) -> Values:
        """What a node comes to.

        Raises: ValueError, whose message ends a sentence about the condition, where kinds do not fit.
        """
        match node:
            case ast.Name() | ast.Attribute():
                name = dotted(node) or ""
                return np.asarray(CONSTANTS[name]) if name in CONSTANTS else self._values[name]
            case ast.Constant(value=bool() | str()):
                return np.asarray(node.value)
            case ast.Constant():
                return self._number(node)
            case ast.UnaryOp(op=ast.Not()):
                return ~self._of_kind("b", node.operand)
            case ast.UnaryOp():
                operand = self._of_kind("f", node.operand)
                return -operand if isinstance(node.op, ast.USub) else operand
            case ast.BoolOp():
                joined = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
                return reduce(joined, [self._of_kind("b", each) for each in node.values])
            case ast.BinOp():
                left, right = self._of_kind("f", node.left), self._of_kind("f", node.right)
                return _ARITHMETIC[type(node.op)](left, right)
            case ast.Compare():
                return self._compared(node)
            case _:
                raise AssertionError(f"{node} was let in")

    def _number(self, node: ast.Constant) -> Values:
        try:
            return np.asarray(float(node.value))  # type: ignore[arg-type]
        except OverflowError:
            raise ValueError("holds a number that is too large") from None

    def _of_kind(self, kind: str, node: ast.expr) -> Values:
        found = self.value(node)
        if found.dtype.kind != kind:
            raise ValueError(f"takes '{shortened(ast.unparse(node), 40)}' for {_KINDS[kind]}")
        return found

    def _compared(self, node: ast.Compare) -> Values:
        left, result = node.left, np.asarray(True)
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(right, ast.List | ast.Tuple):
                result = result & self._is_among(left, right.elts, negated=isinstance(operator, ast.NotIn))
            else:
                result = result & self._pair(left, operator, right)
            left = right
        return result

    def _is_among(self, left: ast.expr, options: Sequence[ast.expr], *, negated: bool) -> Values:
        found = np.zeros(self.value(left).shape, dtype=bool)
        for option in options:
            found = found | self._pair(left, ast.Eq(), option)
        return ~found & _is_known(self.value(left)) if negated else found

    def _pair(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Values:
        a, b = self.value(left), self.value(right)
        if a.dtype.kind != b.dtype.kind:
            kinds = " with ".join(_KINDS[each.dtype.kind] for each in (a, b))
            raise ValueError(f"compares {kinds}")
        if a.dtype.kind == "f":
            return _NUMBERS[type(operator)](a, b)
        if not isinstance(operator, ast.Eq | ast.NotEq):
            raise ValueError(f"puts {_KINDS[a.dtype.kind]} in order: it is compared with ==, != and in")
        return np.asarray(a == b) if isinstance(operator, ast.Eq) else np.asarray(a != b)


_KINDS = {"b": "a condition", "f": "a number", "U": "a text"}


def _is_known(values: Values) -> Values:
    return ~np.isnan(values) if values.dtype.kind == "f" else np.ones(values.shape, dtype=bool)


def _equal(a: Values, b: Values) -> Values:
    return np.asarray((a == b) | (np.abs(a - b) <= NEAR * np.minimum(np.abs(a), np.abs(b))))


def _different(a: Values, b: Values) -> Values:
    return np.asarray(~_equal(a, b) & _is_known(a) & _is_known(b))


def _defined(operation: Callable[[Values, Values], Values]) -> Callable[[Values, Values], Values]:
    return lambda a, b: np.asarray(np.where(b == 0, np.nan, operation(a, b)))


_ARITHMETIC: Mapping[type[ast.operator], Callable[[Values, Values], Values]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: _defined(np.divide),
    ast.Mod: _defined(np.mod),
}
_NUMBERS: Mapping[type[ast.cmpop], Callable[[Values, Values], Values]] = {
    ast.Eq: _equal,
    ast.NotEq: _different,
    ast.Lt: lambda a, b: np.asarray((a < b) & ~_equal(a, b)),
    ast.LtE: lambda a, b: np.asarray((a < b) | _equal(a, b)),
    ast.Gt: lambda a, b: np.asarray((a > b) & ~_equal(a, b)),
    ast.GtE: lambda a, b: np.asarray((a > b) | _equal(a, b)),
}
