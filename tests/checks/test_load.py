"""Many documents in one call: all come back, in their order, and the command holds few of them at a time.

`benchmarks/load.py` is the same with the judge of the product and a thousand documents.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CALL = """
import resource, sys
from checks import report
status = report.main(sys.argv[1:], judge="tests.checks.fake_judges:obey")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
sys.exit(status)
"""


def judged(folder: Path, count: int) -> tuple[list[tuple[str, int]], float]:
    """Path and steps of each document in the report, and the megabytes the command took at most."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:04}.md").write_text("proved " * (number % 7) + "long")
    output = folder / "out.json"
    run = subprocess.run([sys.executable, "-c", CALL, str(folder), "--format", "json", "--output", str(output),
                          "--jobs", "4"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    found = [(Path(each["path"]).name, len(each["steps"])) for each in json.loads(output.read_text())["documents"]]
    assert output.stat().st_size > count * 300_000
    return found, int(run.stderr) / (1 << (20 if sys.platform == "darwin" else 10))


def test_many_documents_take_no_more_memory_than_few(tmp_path: Path) -> None:
    few, base = judged(tmp_path / "few", 10)
    many, megabytes = judged(tmp_path / "many", 150)
    for count, found in ((10, few), (150, many)):
        assert found == [(f"{number:04}.md", number % 7 + 1) for number in range(count)]
    # 150 reports are 45 MB; what is not yet on the disk is at most 8 MB.
    assert megabytes < base + 16
