"""Ops on complex numbers, which programs compute as two real ones."""
from make import Cases, T
import torch

F = lambda *shape: T("f32", *shape)
Z = lambda *shape: T("c64", *shape)
c = Cases("complex")
a, b = Z(3, 4), Z(3, 4)
b[b == 0] = 1
for op in ["add.Tensor", "sub.Tensor", "mul.Tensor", "div.Tensor"]:
    c.add(op, a, b); c.add(op, a, F(4).abs() + 1); c.add(op, F(3, 1), b)
c.add("add.Tensor", a, b, alpha=3); c.add("rsub.Tensor", a, b); c.add("mul.Scalar", a, 2.5); c.add("div.Scalar", a, -4); c.add("add.Scalar", a, 1.5)
for op in ["neg", "abs", "angle", "exp", "log", "sqrt", "reciprocal", "sgn", "conj_physical", "isreal", "isfinite", "real", "imag"]:
    c.add(op, b / 4)
for e in [2, 3, -2, 0.5]:
    c.add("pow.Tensor_Scalar", b, e)
c.add("eq.Tensor", a, torch.where(torch.arange(4) > 1, a, b)); c.add("ne.Tensor", a, torch.where(torch.arange(4) > 1, a, b))
c.add("mm", Z(2, 3), Z(3, 4)); c.add("bmm", Z(2, 2, 3), Z(2, 3, 2)); c.add("matmul", Z(2, 2, 3), Z(3, 2)); c.add("mv", Z(2, 3), Z(3)); c.add("dot", Z(4), Z(4)); c.add("vdot", Z(4), Z(4)); c.add("outer", Z(2), Z(3)); c.add("linear", Z(2, 3), Z(4, 3), Z(4))
c.add("conv2d", Z(1, 2, 4, 5), Z(3, 2, 2, 3), Z(3), [1, 2], [1, 0]); c.add("conv_transpose1d", Z(1, 2, 4), Z(2, 3, 3), None, [2])
c.add("permute", a, [1, 0]); c.add("reshape", a, [2, 6]); c.add("select.int", a, 1, -1); c.add("slice.Tensor", a, 1, 1, 4, 2); c.add("flip", a, [0]); c.add("roll", a, [1], [1]); c.add("expand", Z(3, 1), [2, 3, 4]); c.add("mH", a); c.add("sum.dim_IntList", a, [1]); c.add("mean", a); c.add("cumsum", a, 0); c.add("tril", a); c.add("index_select", a, 0, torch.tensor([2, 0]))
c.add("where.self", a.real > 0, a, b); c.add("zeros_like", a); c.add("ones_like", a)
c.add("cat", [a, b], 1); c.add("cat", [a, F(1, 4)], 0); c.add("stack", [a, b], 1)
c.add("constant_pad_nd", a, [1, 0, 0, 2], 1.5); c.add("pad", a, [2, 1]); c.add("pad", a, [1, 2], "reflect"); c.add("pad", a, [1, 2], "circular"); c.add("replication_pad1d", a, [1, 2])
c.save()
