"""What is known of a document while it is judged, from top to bottom."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass, replace

from derive.components import Axis
from derive.reading.explanations import explanations
from derive.reading.frontmatter import FrontMatter, declared
from derive.reading.inference import System, system_of
from derive.reading.narration import Narration, narrate
from derive.reading.orientation import Orientation, orientations
from derive.reading.overrides import Layers, OwnFunctions, own_functions
from derive.reading.parsing import Link, Reading, chains
from derive.reading.reports import ReadAs, Repair
from derive.reading.settings.choice import ALL, SETTINGS, Hints, hints_of, usual_vectors
from derive.reading.settings.choice import world as make_world
from derive.reading.settings.world import World
from derive.reading.shapes import dimensions
from derive.reading.sides import (
    bare_centre,
    cross_entropy_letters,
    hidden_activation,
    is_chain_rule,
    parallel_factor,
    speaks_of_repeats,
)
from derive.reading.spelling import bare, spelled
from derive.reading.steps import Outcome, Scope
from derive.reading.storage import said_layouts
from derive.reading.syntax import Condition, Derivative, Name, Node, Sign, walk
from derive.reading.values import SCALAR, Value
from derive.terms import tensor

_POSITIVE = r"\\?{0}\s*(?:>|\\gt)\s*0|\\?{0}\s*\\in\s*\\mathbb\{{?\s*R\s*\}}?\s*[_^]\s*\{{?\+"


@dataclass(frozen=True)
class Watch:
    """Who looks on while a document is judged, so that a piece of work that takes too long can be ended from outside.

    begin: told the name of each piece of work before it starts, `a.md:12:5` for the step at line 12, column 5,
    `a.md:12:5 offer` and `a.md:12:5 repair` for the searches for another reading and for a repair; reached: told each
    step with its verdict as it stands then; skip: pieces that are left out, since they took too long before; why: what
    is said of those.
    """

    begin: Callable[[str], None] = lambda piece: None
    reached: Callable[[Step], None] = lambda step: None
    skip: Container[str] = frozenset()
    why: str = "time ran out for this step"

    def may_begin(self, piece: str) -> bool:
        """Whether a piece of work is to be done; if so, its beginning is told."""
        if piece in self.skip:
            return False
        self.begin(piece)
        return True


@dataclass(frozen=True)
class Candidate:
    """A world a chain may live in, by name, and how well it fits."""

    name: str
    world: World
    score: float


@dataclass
class Step:
    """A step on the way to its report."""

    left: Link
    right: Link
    sign: Sign
    chain: int
    conditions: tuple[Condition, ...]
    exercise: str
    outcome: Outcome
    seconds: float = 0.0
    repair: Repair | None = None
    first_error: bool = False
    inherits: bool = False
    offers: tuple[ReadAs, ...] = ()

    @property
    def piece(self) -> str:
        """The name of the work on it, for a Watch."""
        return "{}:{}:{}".format(self.right.source.name, *self.place)

    @property
    def place(self) -> tuple[int, int]:
        """Line and column: of its left side, or, where a line begins with the sign, of the sign."""
        source, right = self.right.source, self.right.operand.span[0]
        line, column = source.position(right)
        if self.left.source is not source:
            return line, column
        if source.position(self.left.operand.span[1])[0] == line:
            return source.position(self.left.operand.span[0])
        return source.position(self.sign.span[0]) if self.left.operand.span[1] <= self.sign.span[0] <= right else (
            line, column)


class Dossier:
    """A document, what it says before the step that is looked at, and the steps so far.

    names: exercises of the setting; system: what the document's own letters say, for what fits none; cross_entropy,
    centre, factor, parallel: its letters for things of the exercise; hints, lying, hidden, own, layouts: what the whole
    document says of letters, of rows and columns, of its hidden layer, of functions, of what matrices store;
    explanations, explained: names explained behind their use, and the chains that were looked at before their place;
    scope, layers: what it defined so far; used, parts: how often a step was proved in which exercise, under which
    label; settled: the world in which the step before, of the same chain, was proved; true_classes: the letter of the
    true class in each part; renamed: names of the exercise that the document takes for something of its own; letting:
    the last block behind "let"; doubtful: by name, sides that a wrong line led to from what introduced it; anew: names
    introduced again, and in which part; built: names made of a loss, and the exercise whose loss it is.
    """

    def __init__(self, reading: Reading, setting: str, repairs: bool, watch: Watch) -> None:
        self.reading, self.repairs, self.watch = reading, repairs, watch
        self.front: FrontMatter = declared(reading.document.front_matter)
        self.setting = setting or self.front.setting
        self.names = SETTINGS.get(self.setting, () if self.setting == "none" else ALL)
        if self.front.world is not None and self.setting not in SETTINGS:
            self.names = ()
        self.chains = [chain for chain in chains(reading) if chain.links]
        self.narration: Narration = narrate(reading)
        nodes = [link.operand for chain in self.chains for link in chain.links]
        self.hints: Hints = hints_of(nodes, self.narration.words)
        self.scope = Scope(classes=self.hints.classes, functions=self.front.functions, families=self.front.families,
                           extra=self.front.hypotheses,
                           sizes=frozenset(size for node in nodes for each in walk(node)
                                           for size in dimensions(each) or ()))
        self.variables = {spelled(bare(v)) for node in nodes for each in walk(node) if isinstance(each, Derivative)
                          for v in each.variables}
        self.front = replace(self.front, world=with_real_letters(self, nodes))
        self.letters: dict[str, Axis] = {}
        self.repeats = {self.narration.part(link) for chain in self.chains for link in chain.links
                        if speaks_of_repeats(link.operand)}
        self.hidden = hidden_activation(self.chains)
        self.system: System | None = system_of(self.chains, self.narration.words) if self.front.world is None else None
        self.cross_entropy = cross_entropy_letters(nodes)
        self.centre = bare_centre(nodes)
        self.parallel = bool(parallel_factor(self.chains))
        self.factor = parallel_factor(self.chains) or "alpha"
        positive = re.compile(_POSITIVE.format(re.escape(self.factor)))
        self.positive_factor = any(positive.search(block.source.written(block.math.span))
                                   for block in reading.blocks)
        self.layouts: dict[str, str] = said_layouts(reading)
        self.steps: list[Step] = []
        self.findings: list[str] = list(self.front.findings)
        self.used: dict[str, int] = {}
        self.parts: dict[str, set[str]] = {}
        self.label = ""
        self.logits = self.hints.logits
        self.carried: tuple[int, tuple[Condition, ...]] = (-1, ())
        self.last_side: Link | None = None
        self.settled: World | None = None
        self.true_classes: dict[str, str] = {}
        self.renamed: frozenset[str] = frozenset()
        self.letting: int = -1
        self.doubtful: dict[str, list[Node]] = {}
        self.anew: dict[str, str] = {}
        self.built: dict[str, str] = {}
        self.explanations = explanations(self.chains, self.narration)
        self.explained: set[int] = set()
        self.layers: Layers = ()
        self.lying: dict[str, Orientation] = orientations(
            self.chains, self.names, self.scope, self.narration.words, self.front.pinned, self.hidden)
        worlds = [make_world(name, usual_vectors(name)) for name in self.names]
        self.own: OwnFunctions = own_functions(self.chains, [w for w in worlds if w.scalars], self.scope)
        self.scope = replace(self.scope, functions={**self.own.meant, **self.scope.functions})


def with_real_letters(dossier: Dossier, nodes: list[Node]) -> World | None:
    """The world of the front matter, with letters it leaves open and the document differentiates by: `d/du`."""
    world = dossier.front.world
    if world is None:
        return None
    known = {*world.names, *world.gathers, *world.ranges, *dossier.front.families}
    known |= {spelled(bare(chain.links[0].operand)) for chain in dossier.chains}
    by = [bare(v) for node in nodes for each in walk(node) if isinstance(each, Derivative) for v in each.variables]
    letters = {v.base for v in by if isinstance(v, Name) and v.base.islower() and len(v.base) == 1
               and not v.accents and not v.style} - known
    return replace(world, names={**world.names, **{u: (Value(tensor(u), SCALAR),) for u in letters}})


def leaves_open(step: Step) -> bool:
    """Whether a step leaves open how derivatives lie: a chain rule between them does."""
    return is_chain_rule(step.right.operand) or is_chain_rule(step.left.operand)
