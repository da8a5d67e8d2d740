# The interpreter of a virtual environment with `pip install -e '.[dev]'`.
PYTHON ?= .venv/bin/python

.PHONY: check test lint types report benchmark

check: lint types test report

test:
	$(PYTHON) -m pytest

lint:
	$(PYTHON) -m ruff check .

types:
	$(PYTHON) -m mypy

report:
	$(PYTHON) -m checks.report

benchmark:
	$(PYTHON) benchmarks/report.py
