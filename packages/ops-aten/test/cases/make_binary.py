from make import Cases, T
import torch

nan, inf = float("nan"), float("inf")
c = Cases("binary")
odd = torch.tensor([nan, inf, -inf, -0.0, 0.0, 1.0, -1.0, 2.5, -7.5, 7.0, -7.0, 0.3])
a, b = (t.contiguous() for t in torch.meshgrid(odd, odd, indexing="ij"))
x, y = T("f32", 3, 1, 4), T("f32", 2, 1) + 0.25
arithmetic = ["add.Tensor", "sub.Tensor", "rsub.Tensor", "mul.Tensor", "div.Tensor", "maximum", "minimum", "fmax", "fmin", "remainder.Tensor", "fmod.Tensor", "floor_divide", "pow.Tensor_Tensor"]
floats = ["atan2", "copysign.Tensor", "hypot", "logaddexp", "logaddexp2", "xlogy.Tensor", "special_xlog1py", "ldexp.Tensor", "nextafter", "heaviside"]
for op in [*arithmetic, *floats]:
    c.add(op, a, b); c.add(op, x, y); c.add(op, y, x); c.add(op, x, torch.tensor(2.5)); c.add(op, torch.tensor(1.5), torch.tensor(0.5)); c.add(op, torch.zeros(0, 3), torch.zeros(3))
for op in arithmetic[:-1] + ["atan2", "copysign.Tensor", "xlogy.Tensor", "true_divide.Tensor"]:
    for s, t in [("i64", "i64"), ("i32", "i32"), ("i8", "i8"), ("u8", "u8"), ("i16", "u8"), ("i64", "f32"), ("f32", "i32"), ("u8", "i8")]:
        p, q = T(s, 2, 5), T(t, 5, low=1)
        c.add(op, p, q)
        c.add(op, p, torch.tensor(3, dtype=p.dtype) if not p.is_floating_point() else torch.tensor(3.0))
for op in ["add.Tensor", "mul.Tensor", "maximum", "minimum", "div.Tensor", "atan2"]:
    c.add(op, T("bool", 3, 2), T("bool", 2))
for op in ["add.Tensor", "sub.Tensor", "rsub.Tensor"]:
    c.add(op, x, y, alpha=2); c.add(op, x, y, alpha=-0.5); c.add(op, T("i32", 3), T("i64", 3), alpha=3); c.add(op, torch.tensor([200, 3], dtype=torch.uint8), torch.tensor([100, 7], dtype=torch.uint8), alpha=3)
c.add("add.Tensor", T("bool", 3), T("bool", 3), alpha=True); c.add("add.Tensor", torch.tensor([2**62, 2**63 - 1]), torch.tensor([2**62, 1])); c.add("mul.Tensor", torch.tensor([2**40 + 1]), torch.tensor([2**30 + 3])); c.add("add.Tensor", torch.tensor([2**31 - 1], dtype=torch.int32), torch.tensor([1], dtype=torch.int32))
for op in ["add.Scalar", "sub.Scalar", "rsub.Scalar", "mul.Scalar", "div.Scalar", "remainder.Scalar", "fmod.Scalar", "floor_divide.Scalar"]:
    for v in [2, -3, 2.5]:
        for t in [x, T("i64", 4), T("i8", 4), T("i32", 4)]:
            c.add(op, t, v)
c.add("add.Scalar", T("bool", 3), 2); c.add("mul.Scalar", T("bool", 3), True); c.add("add.Scalar", x, 2, 3); c.add("sub.Scalar", T("u8", 3), 200); c.add("remainder.Scalar_Tensor", 7, T("i64", 4, low=1)); c.add("remainder.Scalar_Tensor", -7.5, T("f32", 4, low=1)); c.add("div.Scalar", x, 4); c.add("div.Scalar", x, 0.0)
for mode in [None, "trunc", "floor"]:
    c.add("div.Tensor_mode", a, b, rounding_mode=mode); c.add("div.Scalar_mode", odd, 0.1, rounding_mode=mode); c.add("div.Tensor_mode", torch.tensor([-7, -1, 0, 5, 8]), torch.tensor([2, 3, 5, -2, -8]), rounding_mode=mode); c.add("div.Scalar_mode", T("i8", 6), -3, rounding_mode=mode); c.add("div.Tensor_mode", torch.tensor([7, 255], dtype=torch.uint8), torch.tensor([2, 16], dtype=torch.uint8), rounding_mode=mode)
c.add("floor_divide", torch.tensor([1.0, 6.0, -1.0, 1e10]), torch.tensor([0.1, 0.1, 0.1, 3.0]))
for e in [0, 1, 2, 3, 4, 0.5, -0.5, -1, -2, 1.7, inf, nan]:
    c.add("pow.Tensor_Scalar", odd, e)
for t in [T("i64", 4), T("i32", 4), T("i8", 4), T("u8", 4)]:
    for e in [0, 1, 2, 5]:
        c.add("pow.Tensor_Scalar", t, e)
    c.add("pow.Tensor_Scalar", t, 0.5); c.add("pow.Scalar", 2, t.abs()); c.add("pow.Scalar", 1.5, t)
c.add("pow.Scalar", 0.0, odd); c.add("pow.Scalar", 1, odd); c.add("pow.Scalar", 2, odd)
c.add("copysign.Scalar", odd, -2.0); c.add("copysign.Scalar", odd, -0.0); c.add("copysign.Scalar", T("i32", 3), 3); c.add("xlogy.Scalar_Other", odd, 0.5); c.add("xlogy.Scalar_Self", 0, odd); c.add("special_xlog1py.other_scalar", odd, 0.5); c.add("special_xlog1py.self_scalar", 2, odd)
c.add("addcmul", x, y, x, value=0.5); c.add("addcmul", T("i64", 3), T("i64", 3), T("i64", 3), value=2); c.add("addcdiv", x, x, y, value=-2); c.add("addcdiv", odd, odd, odd)
for w in [0.3, 0.7, -1, 2]:
    c.add("lerp.Scalar", x, y, w)
c.add("lerp.Tensor", x, y, torch.tensor([0.1, 0.5, 0.9, -3.0]))
# questions
for op in ["eq", "ne", "lt", "le", "gt", "ge"]:
    c.add(f"{op}.Tensor", a, b); c.add(f"{op}.Tensor", x, y)
    for s, t in [("i64", "i64"), ("i8", "i8"), ("u8", "i8"), ("i64", "f32"), ("bool", "bool"), ("bool", "i32"), ("i16", "i16")]:
        c.add(f"{op}.Tensor", T(s, 2, 6, low=-2, high=3), T(t, 6, low=-2, high=3))
    c.add(f"{op}.Tensor", torch.tensor([2**53 + 1, -(2**62)]), torch.tensor([2**53, -(2**62)]))
    for v in [1, 0.5, True]:
        c.add(f"{op}.Scalar", odd, v); c.add(f"{op}.Scalar", T("i64", 5, low=-1, high=3), v); c.add(f"{op}.Scalar", T("u8", 5, low=0, high=3), v)
for op in ["logical_and", "logical_or", "logical_xor"]:
    c.add(op, a, b); c.add(op, T("i64", 2, 4, low=-1, high=2), T("bool", 4)); c.add(op, T("bool", 4), T("bool", 4))
c.add("isclose", a, b); c.add("isclose", a, b, 0.1, 0.5, True); c.add("isclose", T("i64", 3), T("i64", 3))
# choices
for s, t in [("f32", "f32"), ("i64", "f32"), ("i8", "i64"), ("bool", "u8"), ("bool", "bool")]:
    c.add("where.self", T("bool", 3, 1), T(s, 4), T(t, 3, 4))
c.add("where.self", T("bool", 3), torch.tensor([nan, inf, 1.0]), torch.tensor(0)); c.add("where.ScalarOther", T("bool", 3), T("i64", 3), 2.5); c.add("where.ScalarSelf", T("bool", 3), 7, T("i8", 3)); c.add("where.Scalar", T("bool", 3), 1, 0); c.add("where.Scalar", T("bool", 3), 1.5, 2)
c.add("masked_fill.Scalar", x, T("bool", 2, 4), -inf); c.add("masked_fill.Scalar", T("i64", 4), T("bool", 4), 7); c.add("masked_fill.Tensor", T("i8", 4), T("bool", 4), torch.tensor(100)); c.add("masked_fill.Scalar", T("bool", 4), T("bool", 4), True)
c.save()
