"""Towers of primes: p0, p1 = c1 p0 + 1, p2 = c2 p1 + 1, ... and a generator of the subgroup of order p(k-1) in each.

With g of order p(k-1) modulo p(k), t -> g^t is a map from the integers modulo p(k-1) to those modulo p(k) for which
exp(a + b) = exp(a) exp(b). So an expression is read modulo p(k) and what stands in an exponent modulo p(k-1).

Each prime after 2^61 - 1 (Mersenne, proved prime by Pervushin 1883) is c q + 1 for an earlier prime q, which makes it
provable by Pocklington's criterion (1914): `proved_prime`.

    >>> tower(50)[0] == 2**61 - 1
    True
    >>> all(proved_prime(q, p) for q, p in zip(tower(100), tower(100)[1:]))
    True
"""

from __future__ import annotations

from math import gcd
from random import Random

# Of 61, 120, 237, 471 and 939 bits, each a multiple of the one before it, plus 1.
_GROWTH = (
    288230376151711810,
    166153499473114446138623824547029562,
    27606985387162255149739023449108090724250642916491210952087400653930012,
    int("7621456421669902908646477611799722426144038434240652223777238670960342025145104930048909019974792045"
        "09271718627401553001747030731447151154794"),
)
# Per base: the factors c1, c2, ... of its tower.
_STEPS = (
    (52, 24, 100, 38, 14, 30, 22, 14),
    (56, 30, 28, 50, 26, 44, 104, 6),
    (60, 46, 198, 36, 340, 146, 606, 82),
    (260, 356, 240, 76, 8, 398, 230, 372),
    (390, 1030, 110, 840, 136, 14, 2060, 36),
)
HEIGHT = len(_STEPS[0])


def _bases() -> tuple[int, ...]:
    found = [2**61 - 1]
    for factor in _GROWTH:
        found.append(factor * found[-1] + 1)
    return tuple(found)


BASES = _bases()


def _towers() -> tuple[tuple[int, ...], ...]:
    found = []
    for base, steps in zip(BASES, _STEPS, strict=True):
        primes = [base]
        for step in steps:
            primes.append(step * primes[-1] + 1)
        found.append(tuple(primes))
    return tuple(found)


TOWERS = _towers()


def tower(bits: int) -> tuple[int, ...] | None:
    """The smallest tower whose primes all exceed 2^bits, or None where there is no tower so large."""
    return next((primes for primes in TOWERS if primes[0].bit_length() > bits), None)


def generator(below: int, prime: int, random: Random) -> int:
    """A random element of order `below` modulo `prime`, where `below` is a prime that divides prime - 1."""
    cofactor = (prime - 1) // below
    while True:
        found = pow(random.randrange(2, prime - 1), cofactor, prime)
        if found != 1:
            return found


def proved_prime(factor: int, prime: int) -> bool:
    """Whether Pocklington's criterion proves `prime`, given a prime `factor` > sqrt(prime) - 1 that divides prime - 1.

    It asks for an a with a^(prime - 1) = 1 and gcd(a^((prime - 1) / factor) - 1, prime) = 1.
    """
    if (prime - 1) % factor or (factor + 1) ** 2 <= prime:
        return False
    return any(pow(a, prime - 1, prime) == 1 and gcd(pow(a, (prime - 1) // factor, prime) - 1, prime) == 1
               for a in (2, 3, 5, 7, 11, 13))
