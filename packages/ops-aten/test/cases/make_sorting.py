from make import Cases, T
import torch

nan, inf = float("nan"), float("inf")
I = lambda *v: torch.tensor(v)
c = Cases("sorting")
odd = torch.tensor([[3.0, nan, -inf, 0.0, -0.0, inf, 3.0], [-1.0, 2.0, -nan, 2.0, inf, -inf, -1.0]])
big = torch.tensor([2**40 + 1, -(2**60), 2**40, 5, -(2**60) + 1])
tensors = [odd, big, T("f32", 3, 5), T("i32", 2, 6), T("i8", 7), T("u8", 7), T("i16", 7), T("bool", 6), T("f32", 4, 1), torch.tensor([2**31 - 1, -(2**31), 0, 7], dtype=torch.int32)]
for t in tensors:
    for down in [False, True]:
        c.add("sort.stable", t, stable=True, dim=-1, descending=down)
        c.add("argsort.stable", t, stable=True, dim=-1, descending=down)
    c.add("msort", t)
c.add("sort.stable", T("f32", 3, 4, 2), stable=True, dim=1); c.add("sort.stable", T("f32", 3, 4, 2), stable=True, dim=0, descending=True); c.add("sort", T("f32"), 0)
c.add("sort", torch.randperm(9).float(), -1); c.add("argsort", torch.randperm(9)); c.add("sort", torch.zeros(0, 3), 0); c.add("sort", torch.zeros(2, 0), 1)
p = torch.stack([torch.randperm(6) for _ in range(4)])
for t in [p, p.float(), p.int(), p.to(torch.int8), p.to(torch.uint8), p.to(torch.int16)]:
    for large in [False, True]:
        c.add("topk", t, 3, -1, large)
        c.add("topk", t, 2, 0, large) if len(set(t[:, 0].tolist())) == 4 else None
c.add("topk", torch.tensor([nan, 1.0, inf, -inf]), 3); c.add("topk", torch.tensor([nan, 1.0, inf, -inf]), 4, 0, False); c.add("topk", T("f32"), 1); c.add("topk", p, 0); c.add("topk", p, 6)
for k in [1, 3, 6]:
    c.add("kthvalue", p.float(), k); c.add("kthvalue", p, k, 1, True)
c.add("kthvalue", torch.tensor([nan, 1.0, inf, -inf]), 4); c.add("kthvalue", T("f32"), 1)
c.add("mode", I([1, 2, 2, 3], [4, 4, 1, 1])); c.add("mode", torch.tensor([[1.0, 5.0, 1.0], [2.0, 2.0, 0.5]]), 1, True); c.add("mode", torch.tensor([3, 3, 1], dtype=torch.int8), 0)
# searching
line = torch.tensor([1.0, 3.0, 3.0, 5.0, 9.0])
probe = torch.tensor([[0.0, 3.0, 4.0], [9.0, 10.0, nan]])
for const in [(), ("sorted_sequence", "boundaries")]:
    for right in [False, True]:
        for small in [False, True]:
            c.add("searchsorted.Tensor", line, probe, right=right, out_int32=small, constants=const[:1]); c.add("bucketize.Tensor", probe, line, right=right, out_int32=small, constants=const[1:])
        c.add("searchsorted.Tensor", torch.stack([line, line + 1]), probe, right=right, constants=const[:1])
        c.add("searchsorted.Tensor", I(1, 3, 3, 2**40), I(3, 2**40, 2**40 + 1, -5), right=right, constants=const[:1])
        c.add("searchsorted.Tensor", I(1, 3, 3, 7), torch.tensor([3, 8, 0]), right=right, constants=const[:1])
        c.add("searchsorted.Scalar", line, 3, right=right, constants=const[:1]); c.add("bucketize.Scalar", 4.5, line, right=right, constants=const[1:])
        c.add("bucketize.Tensor", I(3, 0, 9), line.long(), right=right, constants=const[1:])
    c.add("searchsorted.Tensor", line, probe, side="right", constants=const[:1]); c.add("searchsorted.Tensor", line.flip(0), probe, sorter=I(4, 3, 2, 1, 0), constants=const[:1])
    c.add("searchsorted.Tensor", line, torch.tensor(3.0), constants=const[:1])
    c.add("searchsorted.Tensor", torch.zeros(0), probe, constants=const[:1])
# membership and counts
c.add("isin.Tensor_Tensor", I([1, 2, 3], [4, 5, 2]), I(2, 4)); c.add("isin.Tensor_Tensor", T("f32", 2, 3), T("f32", 4), invert=True); c.add("isin.Tensor_Tensor", torch.tensor([nan, 1.0]), torch.tensor([nan]))
c.add("isin.Tensor_Tensor", I(1, 2), torch.zeros(0, dtype=torch.int64)); c.add("isin.Tensor_Scalar", I(1, 2, 1), 1); c.add("isin.Scalar_Tensor", 3, I(1, 2, 3)); c.add("isin.Scalar_Tensor", 3, I(1, 2), invert=True)
c.add("isin.Tensor_Tensor", T("i8", 6), T("i8", 3)); c.add("isin.Tensor_Tensor", I(2**40, 1), I(2**40)); c.add("isin.Tensor_Tensor", T("u8", 4), T("u8", 2))
c.add("bincount", I(1, 3, 3, 0, 7)); c.add("bincount", I(1, 3, 3), None, 6); c.add("bincount", I(1, 3, 3), torch.tensor([0.5, 1.5, 2.0])); c.add("bincount", I(1, 3, 3), I(2, 3, 4), 5); c.add("bincount", torch.tensor([2, 2, 0], dtype=torch.uint8)); c.add("bincount", torch.zeros(0, dtype=torch.int64), None, 3)
c.add("histc", T("f32", 20), 4, -3, 3); c.add("histc", T("f32", 3, 7), 5); c.add("histc", torch.tensor([1.0, 1.0]), 3); c.add("histc", torch.tensor([0.0, 1.0, 0.1, 0.3, 0.7, 0.6, nan]), 10, 0, 1)
# uniqueness
for t in [I(3, 1, 3, 2, 1), torch.tensor([[2.0, -1.0], [2.0, 0.5]]), T("i8", 9, low=0, high=3), T("bool", 5), torch.tensor([nan, 1.0, nan, 1.0]), torch.tensor([5, 5, 5], dtype=torch.int32), torch.tensor(4.0)]:
    c.add("_unique2", t, True, True, True); c.add("_unique2", t, True, False, True); c.add("_unique2", t)
    c.add("_unique", t, True, True); c.add("unique_consecutive", t, True, True); c.add("unique_consecutive", t)
m = I([1, 2, 1, 1], [0, 3, 0, 0], [1, 2, 1, 2])
for t in [m, m.float(), m.bool()]:
    for d in [0, 1]:
        c.add("unique_dim", t, d, True, True, True); c.add("unique_dim", t, d); c.add("unique_consecutive", t, True, True, d); c.add("unique_dim_consecutive", t, d, True, True)
c.save()
