"""What a worker does: reads one document and judges it, telling what it knows as soon as it knows it.

First the outline, every step as it stands in the document, then the report on all of them. If the worker has to be
killed in between, the outline is what there is to say of the steps that were not reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from checks.documents import Given
from checks.messages import Failed, Finished, Message, Outline, Task
from derive.reading.containers import decoded
from derive.reading.judging import EQUALS, judge_reading
from derive.reading.narration import narrate
from derive.reading.parsing import Reading, Unreadable, chains, read_file, read_text
from derive.reading.positions import ReadingError
from derive.reading.reports import StepReport
from derive.reading.spelling import bare
from derive.reading.syntax import Blank, Dots, Text
from derive.verdicts import UNDECIDED, UNREADABLE


def judge_document(task: Task, tell: Callable[[Message], None]) -> None:
    """Read and judge; everything is told, nothing is returned."""
    try:
        reading = _read(task.given)
    except ReadingError as error:
        tell(Failed(_one_line(error, task.given.path)))
        return
    if task.blocks is None:
        tell(Outline(len(reading.blocks), tuple(outlined(reading))))
    else:
        reading = replace(reading, blocks=tuple(reading.blocks[number] for number in task.blocks))
    report = judge_reading(reading, setting=task.setting)
    findings = dict.fromkeys((*_damage(reading), *report.findings))
    tell(Finished(replace(report, path=task.given.path, findings=tuple(findings))))


def outlined(reading: Reading) -> Iterator[tuple[int, StepReport]]:
    """Every equation between two sides, as yet undecided, and every unreadable row, with the block it ends in."""
    narration = narrate(reading)
    for chain in chains(reading):
        for left, sign, right in chain.steps():
            if sign.text not in EQUALS or any(isinstance(bare(x.operand), Text | Blank | Dots) for x in (left, right)):
                continue
            at = left if left.source is right.source else right
            line, column = at.source.position(at.operand.span[0])
            end_line, end_column = right.source.position(right.operand.span[1])
            yield right.block, StepReport(line, column, end_line, end_column, narration.exercise(left), left.written,
                                          right.written, sign.text, UNDECIDED)
    for number, block in enumerate(reading.blocks):
        for row in block.rows:
            if isinstance(row, Unreadable):
                error, end = row.error, row.error.source.position(row.span[1])
                yield number, StepReport(error.line, error.column, *end, narration.at(error.source, row.span[0]),
                                         error.source.written(row.span)[:200], "", "", UNREADABLE, error.message)


def _read(given: Given) -> Reading:
    if given.content is None:
        return read_file(Path(given.path), given.kind)
    return read_text(decoded(given.content, given.path), given.kind, given.path)


def _damage(reading: Reading) -> Iterator[str]:
    """What the container lost: a file that may not be pulled in, mathematics that never ends."""
    for error in reading.document.damage:
        yield f"line {error.line}: {error.message}"


def _one_line(error: ReadingError, path: str) -> str:
    place = f":{error.line}:{error.column}" if error.source.text else ""
    return f"{path}{place}: {error.message}"
