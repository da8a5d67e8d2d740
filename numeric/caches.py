"""Where things are kept between runs that are quick to make again."""

from __future__ import annotations

import os
from pathlib import Path

CACHE_VARIABLE = "GRADPROOF_CACHE"


def kept(kind: str) -> Path | None:
    """The folder for one kind of thing: in $GRADPROOF_CACHE, without that variable in `gradproof` in the user's cache
    folder; None where the variable is empty, or there is no home."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen is not None:
        return Path(chosen) / kind if chosen else None
    root = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        return (Path(root) if root else Path.home() / ".cache") / "gradproof" / kind
    except RuntimeError:  # no home
        return None


__all__ = ["CACHE_VARIABLE", "kept"]
