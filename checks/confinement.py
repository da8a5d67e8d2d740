"""What a worker may not do, whatever a document makes of it: a second wall behind readers that never try.

Python tells an audit hook of every file it opens and every process it starts (PEP 578). In a worker that has read its
own code, a document needs one folder to read in and nothing else. It is no sandbox against native code.

    >>> forbidden("open", ("/etc/passwd", "r", 0), ("/home/me/homework",))
    'open of /etc/passwd'
    >>> forbidden("open", ("/home/me/homework/a.tex", "rb", 0), ("/home/me/homework",))
    ''
    >>> forbidden("subprocess.Popen", ("sh",), ())
    'subprocess.Popen'
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

_EVENTS = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.fork", "os.remove",
           "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
           "os.chflags", "os.utime", "os.setxattr", "os.kill", "os.putenv", "shutil.", "tempfile.", "socket.",
           "ctypes.dlopen", "pty.spawn", "webbrowser.", "urllib.", "http.", "ftplib.", "smtplib.", "sqlite3.",
           "winreg.")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


_opened: list[str] = []


def opened() -> tuple[str, ...]:
    """The files in the folder of the document that this process has opened, in order; none where it is not confined."""
    return tuple(_opened)


def confine(document: str, told: Callable[[str], None]) -> None:
    """From now on this process reads code, the document and what lies in its folder, and does nothing else.

    What is tried nevertheless is refused with a PermissionError, and told first.
    """
    own = [os.path.realpath(Path(document).parent), os.path.realpath(document)] if document else []
    roots = (*_code(), *own)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if what := forbidden(event, arguments, roots):
            told(what)
            raise PermissionError(f"a document may not: {what}")
        if event == "open" and isinstance(arguments[0], str | os.PathLike):
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if not path.endswith((".py", ".pyc")) and any(_within(path, root) for root in own):
                _opened.append(path)

    sys.addaudithook(watch)


def forbidden(event: str, arguments: Sequence[object], roots: Sequence[str]) -> str:
    """What an audit event does that a worker may not do; empty if it may. roots: folders that may be read."""
    if event == "open":
        return _opening(arguments, roots)
    return event if event.startswith(_EVENTS) else ""


def _opening(arguments: Sequence[object], roots: Sequence[str]) -> str:
    path, mode, flags = (*arguments, None, None, None)[:3]
    if not isinstance(path, str | bytes | os.PathLike):  # a number: open already
        return ""
    name = os.fsdecode(path)
    writing = any(letter in str(mode or "r") for letter in "wax+") or (isinstance(flags, int) and flags & _WRITING)
    if writing:
        return f"write to {name}"
    inside = any(_within(os.path.realpath(name), root) for root in roots)
    return "" if inside or name == os.devnull else f"open of {name}"


def _within(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _code() -> tuple[str, ...]:
    """Where the code of this program and of Python lies: parts of it are loaded when they are first needed."""
    places = (str(Path(__file__).parent.parent), sys.prefix, sys.base_prefix, *filter(None, sys.path))
    return tuple(dict.fromkeys(map(os.path.realpath, places)))
