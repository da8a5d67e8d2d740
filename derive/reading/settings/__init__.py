"""Settings: what the letters of an exercise mean, as data.

    world         what one exercise gives meaning to: names, rows picked by a subscript, losses, index letters, ranges
    basics        softmax, sigmoid, cross entropy, leaky ReLU, normalised vectors
    network       one hidden layer
    words         word2vec: naive softmax, negative sampling, windows
    choice        which of them a piece of a document is about
"""
