"""Compares two JSON values as `cargo xtask replay` does: nulls and empty lists are ignored, numbers and instants are compared by
value."""

from datetime import datetime


def is_same(wire, ours):
    """Whether `ours` has every part of `wire`, and no other."""
    if isinstance(wire, dict) and isinstance(ours, dict):
        return all(is_same(wire.get(key), ours.get(key)) for key in {*wire, *ours})
    if isinstance(wire, list) and isinstance(ours, list) and len(wire) == len(ours):
        return all(is_same(one, other) for one, other in zip(wire, ours))
    return (is_empty(wire) and is_empty(ours)) or is_same_scalar(wire, ours)


def is_empty(value):
    return value is None or value == []


def is_same_scalar(one, other):
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, str) and isinstance(other, str):
        return one == other or (instant(one) is not None and instant(one) == instant(other))
    return one == other


def instant(text):
    """The instant that a text names, with its offset; None if it is another text."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
