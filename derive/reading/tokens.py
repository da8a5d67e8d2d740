"""Characters to tokens, each with its place. Every character is consumed or refused.

Here the differences of spelling end: Unicode signs become their commands, spaces that mean nothing and
commands that only change looks disappear, `<=` and `\\leq` become one sign. Runs of letters are split into
known words and single letters; `\\text{..}` becomes one token, with mathematics inside it read as such.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from derive.reading import vocabulary as v
from derive.reading.macros import closing_brace
from derive.reading.positions import Body, ReadingError, Source

MAX_TOKENS = 400_000
"""Most tokens of one block."""


class Token(NamedTuple):
    """One token. kind:

    - `number`, `letter`, `word` (text is what was typed),
    - `text` (words in `\\text`), `roman` (a word in `\\mathrm` and its like, `style` says which),
    - `sign` (a character such as `+`, or a compound such as `:=`), `{` and `}`,
    - `open`, `close` (brackets; text as in `syntax.Group`, style `sized` after `\\left`), `bar` (`|`, `||`, `mid`),
    - `command` (`\\sum`; spaces between columns are all `\\quad`, row breaks are `\\\\`),
    - `begin`, `finish` (an environment, text is its name),
    - `tag` (text is the number of the equation), `end`.

    start, end: place in the source. glued: no space before it.
    """

    kind: str
    text: str
    start: int
    end: int
    style: str = ""
    glued: bool = False


_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n~\f\v\x00]+)"
    r"|(?P<command>\\(?:[A-Za-z]+\*?|[^A-Za-z]))"
    r"|(?P<number>\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<accented>[A-Za-z][\u0300-\u036f\u20d7]+)"
    r"|(?P<letters>[A-Za-z]+(?![\u0300-\u036f\u20d7])|[A-Za-z])"
    r"|(?P<dots>\.\.+)"
    r"|(?P<compound>:\s*=|<\s*=\s*>|==+>|=>|<\s*=|>\s*=|!\s*=|==|->|\|\|)"
    r"|(?P<sign>[-+*/=<>()\[\]{}^_&,.;:!|'\"@?`#])"
    r"|(?P<other>[^\x00-\x7f]+)",
)
_COMMAND_NAMES = v.TEXT_COMMANDS | frozenset(v.WORD_STYLES)
_OPTIONAL = re.compile(r"\s*\[([^\]\n]{0,40})\]")
_SPACES = re.compile(r"\s+")
_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:(?:\s*[-_ ]\s*|\\_|\s*-\s*)[A-Za-z0-9]+)*\Z")
_FORMATTING = re.compile(r"\\(?:text[a-z]*|emph|mathrm|rm|bf|it|mbox|normalfont|small|tiny|footnotesize|quad|qquad)\s*")
_SIDES = frozenset(["\\left", "\\right"])
_BARS = {"|": "|", "\\vert": "|", "\\|": "||", "\\Vert": "||", "\\mid": "mid"}
_DELIMITERS = {**v.OPENING, **v.CLOSING, **_BARS, ".": ".", "<": "<", ">": "<", "/": "."}
_ENVIRONMENT = re.compile(r"\s*\{\s*([A-Za-z]+\*?)\s*\}")
_COLUMNS = re.compile(r"\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")


def tokenize(body: Body, source: Source) -> list[Token]:
    """The tokens of a body, ended by one of kind `end`.

    >>> from derive.reading.positions import verbatim
    >>> text = r"y\\log(\\hat y_o)"
    >>> [token.text for token in tokenize(verbatim(text, 0, len(text)), Source("", text))]
    ['y', '\\\\log', '(', '\\\\hat', 'y', '_', 'o', '(', '']
    """
    reader = _Tokenizer(body, source)
    reader.run(0, len(body.text))
    place = body.span(len(body.text), len(body.text))
    reader.tokens.append(Token("end", "", place[0], place[1]))
    return _bracketed(reader.tokens)


def _bracketed(tokens: list[Token]) -> list[Token]:
    """Brackets and bars as tokens of their own kind; `\\left` and `\\right` go into the bracket after them."""
    result: list[Token] = []
    side = ""
    start = 0
    for token in tokens:
        if token.text in _SIDES and token.kind == "command":
            side, start = token.text, token.start
            continue
        bracket = _bracket(token, side)
        if side and bracket is not token:
            bracket = bracket._replace(start=min(start, token.start))
        result.append(bracket)
        side = ""
    return result


def _bracket(token: Token, side: str) -> Token:
    kind, text = token.kind, token.text
    if kind not in ("sign", "command"):
        return token
    if side:
        name = _DELIMITERS.get(text)
        if name is not None:
            return token._replace(kind="open" if side == "\\left" else "close", text=name, style="sized")
    if text in v.OPENING:
        return token._replace(kind="open", text=v.OPENING[text])
    if text in v.CLOSING:
        return token._replace(kind="close", text=v.CLOSING[text])
    if text in _BARS:
        return token._replace(kind="bar", text=_BARS[text])
    return token._replace(kind=text) if text in ("{", "}") else token


class _Tokenizer:
    def __init__(self, body: Body, source: Source) -> None:
        self.body = body
        self.text = body.text
        self.source = source
        self.tokens: list[Token] = []
        self.spaces = 0
        self.glued = False

    def run(self, at: int, end: int) -> None:
        match = _TOKEN.match
        while at < end:
            found = match(self.text, at, end)
            if found is None:
                if self.text[at] == "%":
                    line_end = self.text.find("\n", at, end)
                    at = end if line_end < 0 else line_end
                    continue
                if self.text[at] == "$":
                    at += 1
                    continue
                raise self.error(at, at + 1, repr(self.text[at]), "a sign of mathematics")
            kind = found.lastgroup
            start, at = found.start(), found.end()
            if kind == "space":
                self.glued = False
                self.spaces += found.group().count("~")
                if self.spaces >= 3:
                    self.spaces = 0
                    self.add("command", "\\quad", start, at)
            elif kind == "command":
                at = self.command(found.group(), start, at, end)
            else:
                self.spaces = 0
                self.plain(str(kind), found.group(), start, at)
                self.glued = True
            if len(self.tokens) > MAX_TOKENS:
                raise self.error(start, at, f"more than {MAX_TOKENS} tokens", "a shorter block")

    def add(self, kind: str, text: str, start: int, end: int, style: str = "") -> None:
        place = self.body.span(start, end)
        self.tokens.append(Token(kind, text, place[0], place[1], style, self.glued))

    def error(self, start: int, end: int, found: str, expected: str) -> ReadingError:
        return ReadingError(self.source, self.body.span(start, end), found, expected)

    def plain(self, kind: str, text: str, start: int, end: int) -> None:
        if kind == "letters":
            self.letters(text, start)
        elif kind == "dots":
            self.add("command", "\\dots", start, end)
        elif kind == "compound":
            compact = _SPACES.sub("", text)
            if compact == "||":
                self.add("sign", "|", start, start + 1)
                self.glued = True
                self.add("sign", "|", start + 1, end)
            else:
                self.add("sign", "=>" if compact.endswith("=>") and compact != "<=>" else compact, start, end)
        elif kind == "accented":
            for mark in reversed(text[1:]):
                self.add("command", v.COMBINING.get(mark, "\\hat"), start, end)
            self.add("letter", text[0], start, end)
        elif kind == "other":
            self.foreign(text, start)
        else:
            self.add(kind, text, start, end)

    def letters(self, run: str, start: int) -> None:
        """A run of letters: words that are known, else single letters."""
        if len(run) == 1:
            self.add("letter", run, start, start + 1)
            return
        at = 0
        for piece, kind in split_letters(run):
            self.add(kind, piece, start + at, start + at + len(piece))
            self.glued = True
            at += len(piece)

    def foreign(self, run: str, start: int) -> None:
        """Characters outside of ASCII: signs with a command, Greek, accented letters, or another language."""
        at = 0
        while at < len(run):
            char, place = run[at], start + at
            at += 1
            if char in v.INVISIBLE or char.isspace():
                continue
            if char in v.GREEK_LETTERS:
                self.add("command", "\\" + v.GREEK_LETTERS[char], place, place + 1)
            elif char in v.UNICODE:
                self.substitute(v.UNICODE[char], place)
            elif "\u2460" <= char <= "\u24ff" or "\u2776" <= char <= "\u2793":
                self.add("tag", char, place, place + 1)
            elif char in "$%":
                continue
            else:
                at = self.letter_or_language(run, at - 1, start)

    def letter_or_language(self, run: str, at: int, start: int) -> int:
        char = run[at]
        plain = unicodedata.normalize("NFKD", char)
        if plain[0].isascii() and plain[0].isalnum():
            for mark in plain[1:]:
                if mark in v.COMBINING:
                    self.add("command", v.COMBINING[mark], start + at, start + at + 1)
            kind = "letter" if plain[0].isalpha() else "number"
            self.add(kind, plain[0], start + at, start + at + 1)
            return at + 1
        if plain[0] in v.GREEK_LETTERS:
            self.add("command", "\\" + v.GREEK_LETTERS[plain[0]], start + at, start + at + 1)
            return at + 1
        stop = at
        while stop < len(run) and (run[stop].isalpha() or unicodedata.category(run[stop])[0] in "PM"):
            stop += 1
        if stop == at:
            raise self.error(start + at, start + at + 1, f"the character {char!r}", "a sign of mathematics")
        self.add("text", run[at:stop], start + at, start + stop)
        return stop

    def substitute(self, latex: str, place: int) -> None:
        """The tokens of a piece of LaTeX, all standing at one character."""
        for found in _TOKEN.finditer(latex):
            kind, text = str(found.lastgroup), found.group()
            if kind == "space":
                continue
            if kind == "letters":
                kind = "letter"
            self.add(kind if kind in ("command", "number", "letter") else "sign", text, place, place + 1)
            self.glued = True

    def command(self, name: str, start: int, at: int, end: int) -> int:
        """One command; returns where to go on."""
        text = self.text
        if name.endswith("*") and name not in v.STYLES and name not in v.IGNORED_WITH_ARGUMENT:
            name, at = name[:-1], at - 1
        if name in v.SMALL_SPACES or name == "\\\n" or name == "\\\t" or name == "\\\r":
            self.spaces += name in ("\\ ", "\\;", "\\space", "\\enspace")
            self.glued = False
            if self.spaces >= 3:
                self.spaces = 0
                self.add("command", "\\quad", start, at)
            return at
        self.spaces = 0
        if name in v.WIDE_SPACES:
            self.glued = False
            self.add("command", "\\quad", start, at)
            return self.after_length(name, at)
        if name in _COMMAND_NAMES:
            after = self.word_command(name, start, at, end)
            if after >= 0:
                self.glued = True
                return after
        if name in v.IGNORED_WITH_ARGUMENT:
            return self.after_argument(at)
        if name == "\\tag":
            at += text.startswith("*", at)
            close = closing_brace(text, at) if text.startswith("{", at) else -1
            if close >= 0:
                self.add("tag", text[at + 1 : close].strip(), start, close + 1)
                return close + 1
        if name in v.IGNORED:
            return self.after_delimiter(name, at)
        if name in ("\\begin", "\\end"):
            return self.environment(name, start, at)
        self.structural(name, start, at)
        self.glued = True
        return self.after_row_break(at) if name in ("\\\\", "\\cr", "\\newline", "\\tabularnewline") else at

    def structural(self, name: str, start: int, at: int) -> None:
        if name in ("\\\\", "\\cr", "\\newline", "\\tabularnewline"):
            self.add("command", "\\\\", start, at)
        elif name in ("\\_", "\\%", "\\$", "\\&", "\\#"):
            self.add("sign" if name != "\\_" else "letter", name[1] if name != "\\&" else "&&", start, at)
        elif name in ("\\*", "\\=", "\\<", "\\>", "\\+"):
            self.add("sign", name[1], start, at)
        elif name in ("\\(", "\\)", "\\[", "\\]"):
            pass
        else:
            self.add("command", name, start, at)

    def environment(self, name: str, start: int, at: int) -> int:
        """`\\begin{array}[t]{lcl}`: one token, arguments and all."""
        found = _ENVIRONMENT.match(self.text, at)
        if not found:
            raise self.error(start, at, name, f"the name of an environment in braces after {name}")
        end = found.end()
        if name == "\\begin":
            if (optional := _OPTIONAL.match(self.text, end)) and re.fullmatch(r"[tbclr]?", optional[1]):
                end = optional.end()
            if found[1] in v.COLUMN_ARGUMENT and (columns := _COLUMNS.match(self.text, end)):
                end = columns.end()
        self.add("begin" if name == "\\begin" else "finish", found[1], start, end)
        self.glued = False
        return end

    def after_delimiter(self, name: str, at: int) -> int:
        """`\\middle.` and `\\big.` take a dot with them, which is no full stop."""
        if name.startswith(("\\big", "\\Big", "\\middle")) and self.text.startswith(".", at):
            return at + 1
        return at

    def after_row_break(self, at: int) -> int:
        if self.text.startswith("*", at):
            at += 1
        optional = _OPTIONAL.match(self.text, at)
        if optional and re.fullmatch(r"\s*-?[\d.]+\s*(?:pt|em|ex|cm|mm|in|\\\w+)\s*", optional[1]):
            return optional.end()
        return at

    def after_argument(self, at: int) -> int:
        while self.text.startswith("[", at) and (optional := _OPTIONAL.match(self.text, at)):
            at = optional.end()
        if self.text.startswith("{", at):
            close = closing_brace(self.text, at)
            return close + 1 if close >= 0 else at
        return at

    def after_length(self, name: str, at: int) -> int:
        if name in ("\\quad", "\\qquad", "\\enskip"):
            return at
        if self.text.startswith("{", at):
            return self.after_argument(at)
        length = re.compile(r"\s*-?[\d.]+\s*(?:pt|em|ex|cm|mm|mu|in)").match(self.text, at)
        return length.end() if length else at

    def word_command(self, name: str, start: int, at: int, end: int) -> int:
        """`\\text{..}`, or `\\mathrm{..}` around nothing but a word; -1 if it is neither."""
        open_at = at
        while open_at < end and self.text[open_at] in " \t\n":
            open_at += 1
        close = closing_brace(self.text, open_at) if self.text.startswith("{", open_at) else -1
        if close < 0:
            if name in v.TEXT_COMMANDS:
                found = "no brace" if not self.text.startswith("{", open_at) else "a brace that is never closed"
                raise self.error(start, at, f"{name} with {found}", f"words in braces after {name}")
            return -1
        content = self.text[open_at + 1 : close]
        if name in v.TEXT_COMMANDS:
            self.words(content, open_at + 1, start, close + 1)
            return close + 1
        word = content.strip().replace("\\_", "_").replace("\\ ", " ").replace("\\,", " ").replace("\\text{-}", "-")
        if word in ("arg max", "arg min"):
            word = word.replace(" ", "")
        upright = v.WORD_STYLES[name] in ("roman", "sans", "typewriter", "italic")
        if len(word) < 2 or not _PLAIN_WORD.match(word):
            return self.single_roman(name, word, start, close + 1)
        if not upright and word not in v.WORDS and not _looks_like_word(word):
            return -1
        if word.split()[0] in v.BARE_WORDS:
            self.add("text", _SPACES.sub(" ", word), start, close + 1)
        else:
            self.add("roman", _SPACES.sub(" ", word), start, close + 1, v.WORD_STYLES[name])
        return close + 1

    def single_roman(self, name: str, word: str, start: int, end: int) -> int:
        if v.WORD_STYLES[name] in ("roman", "sans") and re.fullmatch(r"[A-Za-z]", word):
            self.add("roman", word, start, end, v.WORD_STYLES[name])
            return end
        return -1

    def words(self, content: str, offset: int, start: int, end: int) -> None:
        """The content of `\\text`; parts between `$` are mathematics."""
        if "$" not in content and "\\(" not in content:
            self.add_text(content, start, end)
            return
        at = 0
        inside = False
        for found in re.finditer(r"(?<!\\)\$|\\\(|\\\)|\Z", content):
            piece = content[at : found.start()]
            if inside:
                self.run(offset + at, offset + found.start())
            elif piece.strip():
                self.add_text(piece, offset + at, offset + found.start())
            inside = not inside
            at = found.end()

    def add_text(self, content: str, start: int, end: int) -> None:
        text = _FORMATTING.sub(" ", content).replace("\\_", "_").replace("\\&", "&").replace("\\ ", " ")
        text = _SPACES.sub(" ", text.replace("~", " ").replace("{", "").replace("}", "")).strip()
        if text:
            self.add("text", text, start, end)
        elif content:
            self.add("command", "\\quad", start, end)


def split_letters(run: str) -> list[tuple[str, str]]:
    """A run of letters as known words and single letters, each with its kind of token.

    >>> split_letters("xW"), split_letters("ylog"), split_letters("softmax")
    ([('x', 'letter'), ('W', 'letter')], [('y', 'letter'), ('log', 'word')], [('softmax', 'word')])
    """
    if run in v.BARE_WORDS:
        return [(run, "text")]
    if run in v.WORDS or _looks_like_word(run):
        return [(run, "word")]
    pieces: list[tuple[str, str]] = []
    at = 0
    while at < len(run):
        word = _function_at(run, at)
        pieces.append((word, "word") if word else (run[at], "letter"))
        at += len(word) or 1
    return pieces


def _function_at(run: str, at: int) -> str:
    for length in (7, 6, 4, 3, 2):
        piece = run[at : at + length]
        known = piece in v.FUNCTION_COMMANDS or piece in ("Dx", "Dy")
        if len(piece) == length and known and (length > 2 or at + length == len(run)):
            return piece
    return ""


def _looks_like_word(run: str) -> bool:
    """Four letters or more with a vowel, written like a word: `loss`, `Output`, `CBOW`."""
    if len(run) < 4 or not re.search(r"[aeouAEOU]|i[a-z]*[a-hl-z]", run):
        return False
    if any(name in run for name in ("softmax", "sigmoid", "log", "exp")) and run not in v.WORDS:
        return False
    return bool(re.fullmatch(r"[A-Z]?[a-z]+|[A-Z]+|(?:[A-Z][a-z]+){2,}|[a-z]+(?:[A-Z][a-z]+)+", run))
