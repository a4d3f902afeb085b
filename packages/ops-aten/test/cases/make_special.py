from make import Cases
import torch

nan, inf = float("nan"), float("inf")
c = Cases("special")
x = torch.cat([torch.linspace(-8, 8, 33), torch.tensor([nan, 0.01, -0.01, 1e-5, 12.0])])
unit = torch.tensor([nan, -1.0, 1.0, 0.0, 1e-6, 0.5, -0.25, 0.999, -0.99999, 0.9999999, 1.5])
share = torch.tensor([nan, 0.0, 1.0, 1e-30, 1e-10, 0.001, 0.02, 0.3, 0.5, 0.75, 0.999, 0.9999999, -0.5])
ends = torch.tensor([inf, -inf])
for op in ["erf", "erfc", "special_erfcx", "special_log_ndtr", "i0", "special_i0e", "special_i1", "special_i1e", "lgamma", "digamma", "special_entr"]:
    # PyTorch's own vector code makes NaN of infinity in the Bessel functions
    c.add(op, x); c.add(op, torch.tensor([1, 2, 5]))
    if "i0" not in op and "i1" not in op:
        c.add(op, ends)
# where PyTorch takes 1 + erf(x), which drops the tail
c.add("special_ndtr", x[8:]); c.add("special_ndtr", ends)
c.add("erfinv", unit); c.add("special_ndtri", share); c.add("lgamma", torch.tensor([0.0, -0.0, -1.0, -2.0, 2.9999, 3.0001, 0.5, 0.4999, 1e-20, 1e10, 15.5, -20.7])); c.add("digamma", torch.tensor([0.0, -0.0, -1.0, -2.0, 1e10, 1e-5, -20.7, 1.4616321]))
c.add("erfc", torch.tensor([9.0, 10.0, 12.0, -12.0, 5.5, 3.0])); c.add("special_erfcx", torch.tensor([50.0, 1e10, 9.9, 10.1])); c.add("i0", torch.tensor([50.0, 80.0, -85.0])); c.add("special_i1e", torch.tensor([50.0, 1e6, -85.0])); c.add("mvlgamma", torch.tensor([2.5, 3.0, 10.0]), 3)
c.save()
