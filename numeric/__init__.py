"""From theorems to word vectors: what runs is what was proved.

    >>> import numeric
    >>> text = [["the", "king", "rules"], ["the", "queen", "rules"]] * 20
    >>> vectors = numeric.train(text, numeric.Settings(vector_size=8, sample=0, epochs=1))
    >>> vectors["king"].shape
    (8,)

settings        what a run is told: one frozen record, checked
corpus          text as a stream of sentences; the embedded default
vocabulary      words to numbers; thinning out, noise distribution
minibatches     blocks of centres with their contexts and shared negatives
printing        array expressions and the NumPy they print as
contraction     sums as matrix products
licences        the theorems that allow a numerically stable form
stability       stable forms, each under its licence
lowering        a component expression to array expressions
arguments       the arrays a compiled step is called with
compiling       a Theorem, and nothing else, to a NumPy function
differences     a compiled step beside central and complex-step differences
rows            adding to rows that repeat
schedules       which theorems train which model; arguments in, descent out
progress        what a run tells while it works
formats         the word2vec files, written aside and renamed
vectors         the trained vectors, read-only
training        from a text to Vectors
network         one hidden layer, trained from its theorems
train           the command: python -m numeric.train
"""

from numeric.progress import Moment
from numeric.settings import Settings
from numeric.training import train
from numeric.vectors import History, Vectors

__all__ = ["History", "Moment", "Settings", "Vectors", "train"]
