"""What a person runs: the report over every claim, and the formats it is written in.

    report           the command, `python -m checks.report`
    delivery         how it ends: statuses, refusals, files written whole
    running          claims, compiled steps and training, run and collected as plain data
    documents        the documents named on the command line
    messages         what goes between the command and its workers
    judges           what a worker does with a document
    courses          what to leave out where time or memory ran out, and what is then known
    confinement      what a worker may not do, whatever a document makes of it
    workers          documents side by side, each in a process that can be killed
    interruptions    signals, after which what was finished is still written
    journals         what was finished of a report that was not, for the next run
    grading          documents found, judged, shown, summed up
    rich_output      claims for a person, in a terminal of any width
    document_output  documents for a person
    json_output      both for a program

Nothing in `derive` or `numeric` imports this package.
"""

__version__ = "0.1.0"
