from make import Cases, T
import torch

c = Cases("integers")
far = torch.tensor([2**62, -(2**62), 2**53 + 1, -(2**53) - 1, 123456789012345678, -987654321098765432, 2**33 + 7, 2**63 - 1, -(2**63) + 1, 1])
by = torch.tensor([3, 7, -3, 10**9 + 7, 2**31, -(2**31) - 11, 97, 12345678901, -2, 1])
m, n = (t.contiguous() for t in torch.meshgrid(far, by, indexing="ij"))
for op in ["floor_divide", "remainder.Tensor", "fmod.Tensor", "gcd", "bitwise_and.Tensor", "bitwise_or.Tensor", "bitwise_xor.Tensor"]:
    c.add(op, m, n)
for mode in ["trunc", "floor"]:
    c.add("div.Tensor_mode", m, n, rounding_mode=mode)
c.add("lcm", torch.tensor([6, -4, 0, 2**31, 10**9]), torch.tensor([4, 6, 5, 3, 10**9 + 7]))
for dtype in ["i64", "i32", "i16", "i8", "u8"]:
    info = torch.iinfo(T(dtype, 1).dtype)
    v = torch.tensor([info.min + 1, info.max, 0, 1, 3, 7, 100, *([-5, -1, -100] if info.min else [200, 250])], dtype=T(dtype, 1).dtype)
    p, q = (t.contiguous() for t in torch.meshgrid(v, v, indexing="ij"))
    for op in ["bitwise_and", "bitwise_or", "bitwise_xor"]:
        c.add(f"{op}.Tensor", p, q); c.add(f"{op}.Tensor", p, v[:1]); c.add(f"{op}.Scalar", v, 5); c.add(f"{op}.Scalar_Tensor", 5, v)
    c.add("bitwise_not", v); c.add("gcd", p, q); c.add("lcm", v // 11, torch.flip(v // 13, [0])); c.add("pow.Tensor_Tensor", p, q); c.add("heaviside", p, q)
    counts = torch.tensor([0, 1, 3, info.bits - 1, info.bits, 100], dtype=v.dtype)
    if info.min:
        counts = torch.cat([counts, torch.tensor([-1, -9], dtype=v.dtype)])
    for op in ["bitwise_left_shift", "bitwise_right_shift"]:
        c.add(f"{op}.Tensor", v[:, None], counts); c.add(f"{op}.Tensor_Scalar", v, 2); c.add(f"{op}.Tensor_Scalar", v, 70); c.add(f"{op}.Scalar_Tensor", 100, counts)
for op in ["__and__", "__or__", "__xor__"]:
    c.add(f"{op}.Tensor", T("bool", 4), T("bool", 4)); c.add(f"{op}.Scalar", T("i64", 4), 6); c.add(f"{op}.Scalar", T("bool", 4), True)
c.add("__lshift__.Scalar", T("i64", 4), 3); c.add("__rshift__.Tensor", T("i32", 4), torch.tensor([0, 1, 2, 3], dtype=torch.int32)); c.add("bitwise_not", T("bool", 4))
for diagonal in [0, 1, -2, 9]:
    for dtype in ["f32", "i64", "u8", "bool"]:
        c.add("tril", T(dtype, 3, 4), diagonal); c.add("triu", T(dtype, 2, 4, 3), diagonal)
c.add("tril", torch.full((3, 3), float("inf"))); c.add("triu", torch.full((2, 2), float("nan")), 1)
c.save()
