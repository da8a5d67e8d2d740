"""The command `python -m checks.audit DIR`: certificates checked again, with nothing but the standard library.

Neither SymPy nor NumPy nor Rich need be installed, and nothing of the prover is loaded: only `derive.opinion`. Each
certificate is checked in a process of its own, with limits on time and memory.

Exit status 0 if every certificate holds, 1 if one is refused, 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from checks.certificates import ENDING, LONGEST, Unfit, audited, one_line

HELD, REFUSED, USAGE, STOPPED = 0, 1, 2, 130
_MOST_BYTES = 1 << 30


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser("python -m checks.audit", allow_abbrev=False,
                                     description="Checks certificates of proved claims again, with nothing but "
                                                 "Python's standard library.")
    parser.add_argument("places", nargs="+", type=Path, metavar="DIR",
                        help=f"folders of certificates (*{ENDING}), or certificates")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="time limit each (default: 60)")
    parser.add_argument("--quiet", action="store_true", help="only what is refused, and the last line")
    options = parser.parse_args(arguments)
    try:
        return _audit(list(_found(options.places)), options.seconds, options.quiet)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}; expected certificates; try the DIR of --certificate",
              file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("stopped: the certificates below were not checked", file=sys.stderr)
        return STOPPED


def _found(places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        if not place.is_dir():
            yield place
            continue
        yield from sorted(path for path in place.rglob(f"*{ENDING}") if path.is_file())


def _audit(paths: list[Path], seconds: float, quiet: bool) -> int:
    if not paths:
        print(f"found no file that ends in {ENDING}; expected some; try the DIR of --certificate", file=sys.stderr)
        return USAGE
    refused = weaker = 0
    for path in paths:
        kind, lines = _limited(path, seconds)
        refused += kind == "refused"
        weaker += kind == "weaker"
        if kind == "refused" or not quiet:
            print(f"{kind:8} {_shown(path)}", *(f"         {line}" for line in lines), sep="\n")
    print(f"{len(paths) - refused} of {len(paths)} certificates hold"
          + (f", {weaker} of them by a weaker check" if weaker else "") + (f"; {refused} refused" if refused else ""))
    return REFUSED if refused else HELD


def _limited(path: Path, seconds: float) -> tuple[str, list[str]]:
    """What is said of one certificate by a process that may take so long and no longer."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_told, args=(path, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(seconds):
            return "refused", [f"time ran out: more than {seconds:g} s; expected a claim that is checked sooner"]
        found: tuple[str, list[str]] = ours.recv()
        return found
    except EOFError:
        return "refused", ["it took more memory than it may"]
    finally:
        process.kill()
        process.join()
        ours.close()


def _told(path: Path, connection: Connection) -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))
    with suppress(MemoryError):
        connection.send(_checked(path))


def _checked(path: Path) -> tuple[str, list[str]]:
    try:
        with path.open("rb") as file:
            content = file.read(4 * LONGEST + 1)
        found = audited(content.decode("utf-8"))
    except Unfit as error:
        return "refused", [one_line(str(error))[:2000]]
    except UnicodeDecodeError:
        return "refused", ["found bytes that are no UTF-8; expected text"]
    except OSError as error:
        return "refused", [f"{error.strerror}; expected a file that can be read"]
    except RecursionError:
        return "refused", ["found a statement that is nested too deeply"]
    bound = found.opinion.error_bound
    said = f"error at most {bound:.3g}" if bound is not None else found.opinion.weaker
    return "weaker" if bound is None else "holds", [found.claim, said]


def _shown(path: Path) -> str:
    return one_line(str(path))[:2000]


if __name__ == "__main__":
    sys.exit(main())
