from make import Cases, T
import torch

nan, inf = float("nan"), float("inf")
c = Cases("reductions")
x, y = T("f32", 3, 4), T("f32", 2, 3, 4)
odd = torch.tensor([[1.0, nan, 3.0, 3.0], [nan, 5.0, 7.0, nan], [1.0, 2.0, 2.0, nan], [inf, -inf, inf, 0.0], [-inf, -inf, -inf, -inf], [inf, nan, 1.0, -0.0], [2.0, 2.0, -3.0, -3.0]])
big = torch.tensor([[2**40 + 1, 2**40, 2**40 + 1], [-(2**62), 2**62, -(2**62)]])
small = [T("i32", 3, 4), T("i16", 3, 4), T("i8", 3, 4), T("u8", 3, 4), T("bool", 3, 4), T("i64", 3, 4)]
# sums, products and counts
for op in ["sum", "nansum"]:
    for t in [x, odd, big, *small]:
        name = "sum.dim_IntList" if op == "sum" else op
        c.add(name, t, [1]); c.add(name, t, [-2], True); c.add(name, t, [0, 1]); c.add(name, t, [])
    c.add(name, y, [0, -1]); c.add(name, y, None, True); c.add(name, T("f32"), [0]); c.add(name, T("i32"), [-1], True); c.add(name, torch.zeros(2, 0, 3), [1]); c.add(name, torch.zeros(2, 0, 3), [0])
    c.add(name, x, [1], dtype=torch.int64); c.add(name, T("u8", 5) + 200, [0], dtype=torch.uint8); c.add(name, T("i8", 9) * 14, [0], dtype=torch.int8); c.add(name, T("bool", 5), [0], dtype=torch.int32)
    c.add(name, torch.full((3,), 2**31 - 1, dtype=torch.int32), [0]); c.add(name, torch.full((3,), 2**31 - 1, dtype=torch.int32), [0], dtype=torch.int32); c.add(name, T("i64", 4), [0], dtype=torch.float32)
c.add("sum", y); c.add("sum", T("bool", 3, 2)); c.add("sum", T("f32")); c.add("sum", x, dtype=torch.bool); c.add("sum", torch.zeros(2, 2), dtype=torch.bool)
c.add("sum", T("f32", 1, 2, 1, 2, 1, 2, 2)); c.add("sum.dim_IntList", T("f32", 2, 1, 2, 3, 2, 1, 2), [0, 2, 5]); c.add("amax", T("f32", 2, 2, 2, 2, 2, 2, 2, 2), [1, 3, 5, 7])
for op in ["mean", "nanmean"]:
    name = "mean.dim" if op == "mean" else op
    c.add(name, x, [1]); c.add(name, y, [0, 2], True); c.add(name, odd, [1]); c.add(name, odd[:3], [0]); c.add(name, torch.zeros(2, 0), [1]); c.add(name, T("f32"), [0]); c.add(name, T("f32", 3, 2, 2, 1, 2, 2, 2), [0, 3, 6])
c.add("mean", y); c.add("mean", T("i32", 4), dtype=torch.float32); c.add("mean", torch.zeros(0)); c.add("mean.dim", T("bool", 3, 2), [1], dtype=torch.float32)
for t in [x, odd, big, *small]:
    c.add("prod.dim_int", t, 1); c.add("prod.dim_int", t, -2, True); c.add("prod", t)
c.add("prod", torch.zeros(0)); c.add("prod.dim_int", torch.zeros(2, 0, dtype=torch.int64), 1); c.add("prod", T("f32")); c.add("prod", torch.tensor([1.7, 2.9]), dtype=torch.int32); c.add("prod", T("i8", 5) + 40, dtype=torch.int8)
for t in [x, odd, big, *small]:
    c.add("count_nonzero", t); c.add("count_nonzero", t, 1); c.add("count_nonzero.dim_IntList", t, [0, 1]); c.add("count_nonzero.dim_IntList", t, [-1])
c.add("count_nonzero", T("f32")); c.add("count_nonzero", torch.zeros(0, 3), 0)
for size in [[1, 4], [3, 1], [4], [1], [], [3, 4], [1, 1]]:
    c.add("sum_to_size", x, size); c.add("sum_to_size", T("i32", 3, 4), size)
# extremes
for t in [x, odd, big, *small]:
    for op in ["max", "min"]:
        c.add(f"a{op}", t, [1]); c.add(f"a{op}", t, [-2], True); c.add(f"a{op}", t, []); c.add(f"a{op}", t, [0, 1], True)
        c.add(op, t); c.add(f"{op}.dim", t, 1); c.add(f"{op}.dim", t, -2, True)
        if t.dtype != torch.bool:
            c.add(f"arg{op}", t); c.add(f"arg{op}", t, 1); c.add(f"arg{op}", t, -2, True)
    c.add("aminmax", t); c.add("aminmax", t, dim=1); c.add("aminmax", t, dim=0, keepdim=True)
for op in ["max", "min"]:
    c.add(f"a{op}", T("f32")); c.add(f"{op}.dim", T("f32"), 0); c.add(f"{op}.dim", T("i64"), -1, True); c.add(f"arg{op}", T("f32")); c.add(f"arg{op}", T("f32"), 0, True); c.add(f"arg{op}", y, None, True)
    c.add(f"a{op}", torch.zeros(2, 0), [0]); c.add(f"{op}.dim", torch.zeros(2, 0), 0); c.add(f"arg{op}", torch.zeros(0, 3, dtype=torch.int64), 1)
    c.add(f"{op}.other", T("f32", 3, 1), T("f32", 2)); c.add(f"{op}.other", T("i64", 3), torch.tensor(1.5)); c.add(f"{op}.other", torch.tensor([1.0, nan, 3.0, nan]), torch.tensor([nan, 2.0, -inf, nan])); c.add(f"{op}.other", big, T("i32", 2, 1)); c.add(f"{op}.other", T("bool", 3), T("bool", 3)); c.add(f"{op}.other", T("u8", 3), T("i8", 3))
# truth
for t in [x, odd, big, *small]:
    for op in ["any", "all"]:
        c.add(op, t); c.add(f"{op}.dim", t, 1); c.add(f"{op}.dim", t, -2, True); c.add(f"{op}.dims", t, [0, 1]); c.add(f"{op}.dims", t, None, True); c.add(f"{op}.dims", t, [])
for op in ["any", "all"]:
    c.add(op, torch.zeros(0)); c.add(f"{op}.dim", torch.zeros(2, 0, dtype=torch.bool), 1); c.add(op, T("f32")); c.add(f"{op}.dim", T("i64"), 0, True)
# middles: ties have no promised place
p = torch.stack([torch.randperm(7) for _ in range(3)])
for t in [p, p.float(), p.int(), p.to(torch.int8), p[:, :4].float()]:
    for op in ["median", "nanmedian"]:
        c.add(op, t.flatten() if t is p else t[0]); c.add(f"{op}.dim", t, 1); c.add(f"{op}.dim", t[:, :1], 1, True); c.add(f"{op}.dim", t.t().contiguous(), 0)
gaps = torch.tensor([[1.0, nan, 3.0, 2.0], [nan, nan, nan, nan], [inf, -inf, 0.0, nan], [nan, 4.0, nan, 6.0]])
for op in ["median", "nanmedian"]:
    c.add(f"{op}.dim", gaps[[0, 2, 3]], 1); c.add(op, gaps[0]); c.add(op, gaps[1]); c.add(op, T("f32")); c.add(op, torch.zeros(0)); c.add(f"{op}.dim", T("f32"), 0)
c.save()
