"""Every planted fault makes the kernel prove something false, and the second opinion contradicts all of it."""

from __future__ import annotations

import pytest

from derive.errors import NotProved
from derive.kernel import by_normal_form
from tests.opinion.faults import D_ROWS, FAULTS, Fault, Row, exposing, opinions, planted, row, wrongly_proved


def test_the_second_opinion_disagrees_with_every_false_claim() -> None:
    assert len(opinions()) > 100
    assert not [claim for claim, disagrees in opinions() if not disagrees]


def test_the_kernel_without_a_fault_proves_none_of_them() -> None:
    assert wrongly_proved() == []
    with pytest.raises(NotProved):
        by_normal_form(exposing()[0])


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_caught(fault: Fault) -> None:
    with planted(fault):
        proved = wrongly_proved()
    assert proved, "the fault changes nothing that the claims here show"
    assert all(disagrees for _, disagrees in proved)


@pytest.mark.parametrize(("name", "kind", "broken"), D_ROWS, ids=[name for name, _, _ in D_ROWS])
def test_a_wrong_row_of_the_table_of_derivatives_is_caught(name: str, kind: type, broken: Row) -> None:
    with row(kind, broken):
        proved = wrongly_proved()
    assert proved and all(disagrees for _, disagrees in proved)


def test_there_are_enough_faults() -> None:
    assert len({f.name for f in FAULTS}) + len(D_ROWS) >= 25
