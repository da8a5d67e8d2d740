"""Repairs: small edits of what was written, nearest first, of which the first that is proved is shown."""

from __future__ import annotations

from collections.abc import Callable

from derive.reading.reports import Repair
from derive.reading.syntax import Node


def correction(left: Node, right: Node, proved: Callable[[Node, Node], bool]) -> Repair | None:
    """The nearest edit of the right side that is proved."""
    return None
