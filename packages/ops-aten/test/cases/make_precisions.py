from make import Cases, T
import torch

nan, inf = float("nan"), float("inf")
c = Cases("precisions")
odd = torch.tensor([nan, inf, -inf, -0.0, 0.1, 1.0, -1.5, 3.1415926, 60000.0, 1e-5])
for dtype in [torch.float16, torch.bfloat16, torch.float64]:
    x = odd.to(dtype); y = torch.flip(x, [0])
    for op in ["exp", "tanh", "sqrt", "sigmoid", "abs", "neg", "round", "sign", "relu", "nan_to_num", "reciprocal", "silu", "hardswish", "isnan"]:
        c.add(op, x)
    for op in ["add.Tensor", "sub.Tensor", "mul.Tensor", "div.Tensor", "maximum", "fmin", "eq.Tensor", "lt.Tensor", "atan2", "remainder.Tensor", "pow.Tensor_Tensor", "nextafter"]:
        c.add(op, x, y)
    # what sign a NaN has is nobody's promise
    c.add("signbit", x[1:]); c.add("copysign.Tensor", x[1:], x[1:])
    for other in [odd, T("i64", 10), torch.tensor(2.5), torch.tensor(2.5, dtype=torch.float64), torch.tensor(3), T("bool", 10), odd.half(), odd.bfloat16()]:
        c.add("add.Tensor", x, other); c.add("mul.Tensor", other, x)
    c.add("where.self", T("bool", 10), x, odd); c.add("clamp", x, -1, 0.3); c.add("add.Scalar", x, 0.1); c.add("mul.Scalar", x, 3); c.add("to.dtype", odd, dtype); c.add("to.dtype", T("i64", 4) * 1001, dtype); c.add("full", [2], 0.1, dtype=dtype); c.add("arange.start_step", 0, 1, 0.1, dtype=dtype); c.add("mse_loss", x[4:7], y[4:7])
c.add("float_power.Tensor_Tensor", T("f32", 3).abs(), T("i64", 3)); c.add("float_power.Tensor_Scalar", T("i64", 3), 0.5); c.add("float_power.Scalar", 2, T("i8", 3)); c.add("linspace", 0, 1, 7, dtype=torch.float64); c.add("to.dtype", torch.tensor([2**53 + 1, 2**24 + 1]), torch.float64)
c.save()
