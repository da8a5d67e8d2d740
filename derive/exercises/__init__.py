"""The catalogue of exercises: each claim written once, next to its statement, hypotheses and sources.

exercise        one row: what it says, where it appears, what must become of it
softmax         shift invariance, sum, Jacobian, the shifts that keep numbers small
sigmoid         derivative, reflection, stable forms; leaky ReLU
cross_entropy   one-hot targets, the gradient yhat - y, and where it needs sum y = 1
network         one hidden layer, for one example and for a batch; parameter count
word2vec        naive softmax: v_c, u_w, U; null space, descent, normalised vectors; blocks
negative_sampling   true word, negatives (repeated ones too), shared factors, operation counts; blocks
windows         skip-gram and CBOW over any loss, and with both losses; blocks
catalogue       all rows in order; look-up by id
"""
