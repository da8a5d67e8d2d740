"""With a one-hot target, cross entropy reads one entry."""

from derive.terms import cross_entropy, log, onehot, softmax
from tests.cases.letters import i, x

claim = cross_entropy(onehot(i), softmax(x)) == -log(softmax(x)[i])
