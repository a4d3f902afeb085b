"""Recurrent layers and cells: layers, directions, projections, batch first, without biases."""
from make import Cases, T
import torch

F = lambda *shape: T("f32", *shape) / 8
c = Cases("recurrent")


def weights(gates, ins, size, layers, directions, biases, projection=0):
    out = []
    for layer in range(layers):
        for _ in range(directions):
            n = ins if layer == 0 else directions * (projection or size)
            out += [F(gates * size, n), F(gates * size, projection or size)] + ([F(gates * size), F(gates * size)] if biases else [])
            out += [F(projection, size)] if projection else []
    return out


for layers, directions, biases, first in [(1, 1, True, False), (2, 2, True, True), (1, 2, False, False), (2, 1, True, False)]:
    x = F(3, 2, 4)
    batch = 3 if first else 2
    tail = [biases, layers, 0.0, False, directions == 2, first]
    h = F(layers * directions, batch, 5)
    c.add("lstm.input", x, [h, F(*h.shape)], weights(4, 4, 5, layers, directions, biases), *tail)
    c.add("gru.input", x, h, weights(3, 4, 5, layers, directions, biases), *tail, constants=("params",) if biases else ())
    c.add("rnn_tanh.input", x, h, weights(1, 4, 5, layers, directions, biases), *tail); c.add("rnn_relu.input", x, h, weights(1, 4, 5, layers, directions, biases), *tail)
c.add("lstm.input", F(3, 2, 4), [F(4, 2, 3), F(4, 2, 5)], weights(4, 4, 5, 2, 2, True, 3), True, 2, 0.0, False, True, False)
c.add("lstm.input", F(1, 2, 4), [F(1, 2, 5), F(1, 2, 5)], weights(4, 4, 5, 1, 1, True), True, 1, 0.0, False, False, False)
for b in [[], [F(20), F(20)]]:
    c.add("lstm_cell", F(2, 4), [F(2, 5), F(2, 5)], F(20, 4), F(20, 5), *b)
for op, gates in [("gru_cell", 3), ("rnn_tanh_cell", 1), ("rnn_relu_cell", 1)]:
    for b in [[], [F(gates * 5), F(gates * 5)]]:
        c.add(op, F(2, 4), F(2, 5), F(gates * 5, 4), F(gates * 5, 5), *b)
c.save()
