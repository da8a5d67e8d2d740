"""What a person runs: the report over every claim, and the formats it is written in.

    report        the command, `python -m checks.report`
    running       claims, compiled steps and training, run and collected as plain data
    rich_output   the data for a person, in a terminal of any width
    json_output   the data for a program

Nothing in `derive` or `numeric` imports this package.
"""

__version__ = "0.1.0"
