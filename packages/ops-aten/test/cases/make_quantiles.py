from make import Cases, T
import torch

nan, inf = float("nan"), float("inf")
c = Cases("quantiles")
x = torch.tensor([[3.0, 1.0, nan, 2.0], [0.5, -1.0, 4.0, 8.0], [nan, nan, nan, nan], [inf, 1.0, -inf, 2.0]])
for how in ["linear", "lower", "higher", "midpoint", "nearest"]:
    for q in [0.0, 0.3, 0.5, 1.0]:
        c.add("quantile.scalar", x, q, 1, interpolation=how); c.add("nanquantile.scalar", x, q, 1, True, interpolation=how)
    c.add("quantile", T("f32", 3, 4, 2), torch.tensor([0.1, 0.75]), 1, interpolation=how); c.add("nanquantile", x, torch.tensor([0.1, 0.75, 0.5]), 0, True, interpolation=how)
    c.add("quantile", T("f32", 3, 5), torch.tensor(0.4), interpolation=how); c.add("quantile", T("f32", 7), torch.tensor([0.4]), None, True, interpolation=how)
c.add("quantile.scalar", T("f32"), 0.5); c.add("nanquantile.scalar", T("f32", 5), 0.25, 0)
c.save()
