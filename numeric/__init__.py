"""From theorems to word vectors: what runs is what was proved.

    >>> import numeric
    >>> text = [["the", "king", "rules"], ["the", "queen", "rules"]] * 20
    >>> vectors = numeric.train(text, numeric.Settings(vector_size=8, sample=0, epochs=1))
    >>> vectors["king"].shape
    (8,)

settings        what a run is told: one frozen record, checked
streams         files in blocks, unpacked as they are read
corpus          text as a stream of sentences; the embedded default
lexicon         the words of a block as numbers, by arrays
caches          where things are kept between runs
tokens          a text as numbers on the disk; the cache of such texts
vocabulary      which words are kept; thinning out, noise distribution
minibatches     blocks of centres with their contexts and shared negatives
printing        array expressions and the code they print as
contraction     sums as matrix products
licences        the theorems that allow a numerically stable form
stability       stable forms, each under its licence
lowering        a component expression to array expressions
namespaces      the library that a compiled step computes with
arguments       the arrays a compiled step is called with
compiling       a Theorem, and nothing else, to a function of arrays
stages          an entry as temporaries, one after another
loops           stages printed as nested loops
loop_compiling  a Theorem, and nothing else, to the source of loops
windows         which windows are trained, in which order: plain Python
generated       printed steps and windows in a file, imported
differences     a compiled step beside central and complex-step differences
rows            adding to rows that repeat
schedules       which theorems train which model; arguments in, descent out
engines         what the two ways to train have in common
array_training  minibatches by compiled array steps
loop_training   chunks by compiled loops, on threads
shards          rounds of averaged training, wherever they run
process_training  either in processes over shared memory
cluster_training  the averaged rounds on a Dask cluster
checkpoints     a run on the disk, to go on with
progress        what a run tells while it works
formats         the word2vec files, written aside and renamed
exchange        gensim's object, the folder of TensorBoard's projector
evaluation      vectors beside people's answers: similarity, analogies
vectors         the trained vectors, read-only
phrases         words that belong together, joined
training        from a text to Vectors
network         one hidden layer, trained from its theorems
train           the command: python -m numeric.train
explore         the command: python -m numeric.explore
"""

from numeric.progress import Moment
from numeric.settings import Settings
from numeric.training import train
from numeric.vectors import History, Vectors

__all__ = ["History", "Moment", "Settings", "Vectors", "train"]
