"""What a worker does: reads one document and judges it, telling what it knows as soon as it knows it.

First the outline, every step as it stands in the document; then each piece of work as it begins and each step as it is
reached; at the end the report on all of them. If the worker has to be killed in between, this is what there is to say.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from checks.confinement import opened
from checks.courses import LEFT_OUT
from checks.documents import Given
from checks.messages import Begun, Failed, Finished, Item, Message, Outline, Reached, Task
from derive.reading.containers import decoded
from derive.reading.dossier import Step, Watch
from derive.reading.frontmatter import declared
from derive.reading.functions import FUNCTIONS
from derive.reading.judging import EQUALS, judge_reading, step_report, unreadable_report
from derive.reading.narration import narrate
from derive.reading.parsing import Reading, Unreadable, chains, read_file, read_text
from derive.reading.positions import ReadingError
from derive.reading.sides import is_side
from derive.reading.steps import Outcome
from derive.reading.worlds import plain_world
from derive.rendering import hypothesis_text
from derive.verdicts import UNDECIDED


def judge_document(task: Task, tell: Callable[[Message], None]) -> None:
    """Read and judge; everything is told, nothing is returned."""
    try:
        reading = _read(task.given)
    except ReadingError as error:
        tell(Failed(_one_line(error, task.given.path)))
        return
    if not task.front_matter:
        reading = replace(reading, document=replace(reading.document, front_matter=""))
    tell(Outline(tuple(outlined(reading)), tuple(_pulled(task.given.path))))
    blocks = tuple(block for number, block in enumerate(reading.blocks) if number not in task.without)
    reading = replace(reading, blocks=blocks)
    watch = Watch(lambda piece: tell(Begun(piece)), lambda step: tell(Reached(step.piece, step_report(step))),
                  task.skip, LEFT_OUT)
    report = judge_reading(reading, setting=task.setting, watch=watch)
    findings = (*_assumed(reading), *report.findings)
    tell(Finished(replace(report, path=task.given.path, findings=findings)))


def outlined(reading: Reading) -> Iterator[Item]:
    """Every equation between two sides, as yet undecided, and every unreadable row."""
    narration = narrate(reading)
    nothing = Outcome(UNDECIDED, "", plain_world())
    for number, chain in enumerate(chains(reading)):
        for left, sign, right in chain.steps():
            if sign.text in EQUALS and is_side(left.operand) and is_side(right.operand):
                step = Step(left, right, sign, number, (), narration.exercise(left), nothing)
                yield Item(step.piece, right.block, step_report(step))
    for number, block in enumerate(reading.blocks):
        for row in block.rows:
            if isinstance(row, Unreadable):
                yield Item(None, number, unreadable_report(row, narration))


def _read(given: Given) -> Reading:
    if given.content is None:
        return read_file(Path(given.path), given.kind)
    return read_text(decoded(given.content, given.path), given.kind, given.path)


def _pulled(document: str) -> Iterator[tuple[str, str]]:
    """The files beside a document that were opened for it, each with a digest."""
    itself = os.path.realpath(document)
    for path in dict.fromkeys(opened()):
        if path != itself:
            yield path, sha256(Path(path).read_bytes()).hexdigest()


def _assumed(reading: Reading) -> Iterator[str]:
    """What a document takes for granted without saying so in its derivation: whoever gives a score should see it."""
    front = declared(reading.document.front_matter)
    if front.hypotheses:
        said = "; ".join(map(hypothesis_text, front.hypotheses))
        yield f"the front matter assumes, and nobody proved: {said}"
    if foreign := sorted(front.functions.keys() & FUNCTIONS.keys()):
        yield f"the front matter gives a meaning of its own to {', '.join(foreign)}"


def _one_line(error: ReadingError, path: str) -> str:
    place = f":{error.line}:{error.column}" if error.source.text else ""
    return f"{path}{place}: {error.message}"
