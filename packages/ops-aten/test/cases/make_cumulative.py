from make import Cases, T
import torch

nan, inf = float("nan"), float("inf")
I = lambda *v: torch.tensor(v)
c = Cases("cumulative")
x, y = T("f32", 3, 4), T("f32", 2, 3, 5)
odd = torch.tensor([[1.0, 3.0, 3.0, nan, 5.0, nan], [nan, 1.0, -inf, inf, 0.0, 2.0], [0.0, -0.0, 0.0, -inf, -inf, 1.0]])
big = torch.tensor([[2**40 + 1, 2**40 + 1, 3], [-(2**62), 2**62, 5]])
for t in [x, y, big, T("i32", 3, 4), T("i16", 5), T("i8", 5) * 20, T("u8", 5) * 50, T("bool", 4), torch.tensor(3.0), torch.tensor(2), torch.zeros(2, 0)]:
    for d in ([0, -1] if t.dim() > 1 else [0]):
        c.add("cumsum", t, d); c.add("cumprod", t, d); c.add("cummax", t, d); c.add("cummin", t, d)
c.add("cumsum", x, 1, dtype=torch.int32); c.add("cumsum", T("i8", 6) * 30, 0, dtype=torch.int8); c.add("cumsum", T("bool", 4), 0, dtype=torch.float32); c.add("cumprod", T("i8", 6), 0, dtype=torch.int8); c.add("cumprod", torch.tensor([1.7, 2.9]), 0, dtype=torch.int32)
c.add("cummax", odd, 1); c.add("cummin", odd, 1); c.add("cummax", odd, 0); c.add("cummin", odd, 0); c.add("cumsum", odd[:, :3], 1); c.add("cumprod", torch.arange(1.0, 18.0) / 4, 0)
for t in [x, big, T("i32", 3, 4), T("u8", 6), T("bool", 5)]:
    for n in [0, 1, 2, 9]:
        c.add("diff", t, n)
c.add("diff", y, 1, 0); c.add("diff", y, 2, -1, T("f32", 2, 3, 1), T("f32", 2, 3, 2)); c.add("diff", x, 1, 0, T("i64", 1, 4)); c.add("diff", torch.zeros(0)); c.add("diff", T("f32", 1))
for dx in [1, 0.5, 3]:
    c.add("trapezoid.dx", x, dx=dx); c.add("trapezoid.dx", y, dx=dx, dim=1); c.add("trapz.dx", x, dx=float(dx)); c.add("cumulative_trapezoid.dx", y, dx=dx, dim=-2); c.add("cumulative_trapezoid.dx", T("i64", 5), dx=dx); c.add("trapezoid.dx", T("i32", 4), dx=dx)
for op in ["trapezoid.x", "trapz.x", "cumulative_trapezoid.x"]:
    c.add(op, x, I(0.0, 1.0, 3.0, 4.5)); c.add(op, y, T("f32", 3), dim=1); c.add(op, y, T("f32", 3, 5)); c.add(op, T("i64", 4), I(0, 1, 3, 4)); c.add(op, x, T("f32", 3, 4), dim=0); c.add(op, x, T("i64", 4))
c.add("trapezoid.dx", torch.zeros(2, 0)); c.add("trapezoid.dx", T("f32", 2, 1))
for o in [1, 2]:
    c.add("gradient.scalarint", T("f32", 4, 3), edge_order=o); c.add("gradient.scalarint", x, spacing=2.0, dim=1, edge_order=o); c.add("gradient.scalararray", y, spacing=0.5, dim=[1, 2], edge_order=o); c.add("gradient.array", y, dim=[1], edge_order=o)
    c.add("gradient.scalarrayint", x, spacing=[2], dim=1, edge_order=o); c.add("gradient.scalarrayarray", x, spacing=[2, 0.5], dim=[0, 1], edge_order=o); c.add("gradient.tensorarray", x, spacing=[I(0.0, 1.0, 4.0), I(0.0, 2.0, 2.5, 5.0)], dim=[0, 1], edge_order=o); c.add("gradient.tensorarrayint", x, spacing=[I(0.0, 2.0, 2.5, 5.0)], dim=-1, edge_order=o)
    c.add("gradient.scalarint", T("i64", 5), edge_order=o)
for dtype in [torch.uint8, torch.int16, torch.int32]:
    y = torch.tensor([[100, 200, 50], [250, 7, 90]]).to(dtype); x = torch.tensor([1, 30, 120]).to(dtype)
    for op in ["trapezoid", "trapz", "cumulative_trapezoid"]:
        c.add(op + ".x", y, x)
    c.add("trapezoid.dx", y, dx=2); c.add("cumulative_trapezoid.dx", y, dx=0.5)
c.save()
