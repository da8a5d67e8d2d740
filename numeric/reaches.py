"""How far the windows of a step reach, and what a pair at a distance counts in it, on both paths.

In Mikolov 2013 each centre draws its own reach. Centres that are trained in one step share theirs here: the pairs that
none of them would train are not computed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numeric.settings import Settings


def drawn_reaches(settings: Settings) -> list[int]:
    """How far a step looks to each side of its centres: `window` numbers, of which it takes one.

    1 to `window`, as in Mikolov 2013; for skip-gram with negative samples half as far from `window`, which varies less.
    """
    window, half = settings.window, (settings.model, settings.loss) == ("skip-gram", "negative-sampling")
    return [window - (window - draw) // 2 if half else draw for draw in range(1, window + 1)]


def nearness(settings: Settings) -> list[tuple[float, ...]]:
    """For each of these reaches what a pair at a distance of 1 to reach counts in a step that took it.

    Mikolov 2013 draws the reach of each centre between 1 and `window`, so that a pair at a distance d is trained with
    probability (window + 1 - d) / window. Here it has that weight, divided by the share of the reaches that are d at
    least: the same on average.
    """
    reaches, window = drawn_reaches(settings), settings.window
    shares = [sum(reach >= distance for reach in reaches) / window for distance in range(1, window + 1)]
    weights = [(window - n) / window / share for n, share in enumerate(shares)]
    return [tuple(weights[:reach]) for reach in reaches]


def band(weights: tuple[float, ...], centres: int) -> NDArray[np.float64]:
    """What the words around some centres count for each of them: (centres, centres + 2 reach), the words from `reach`
    before the first centre on. weights: at the distances 1 to reach."""
    reach = len(weights)
    distance = np.abs(np.arange(centres + 2 * reach) - reach - np.arange(centres)[:, None])
    of_distance = np.zeros(centres + 2 * reach)
    of_distance[1:reach + 1] = weights
    return of_distance[distance]
