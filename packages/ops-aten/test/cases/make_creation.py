from make import Cases, T
import torch

c = Cases("creation")
x = T("f32", 2, 3)
for size in [[2, 3], [], [0, 2], [1]]:
    c.add("full", size, 7); c.add("full", size, 2.5); c.add("full", size, True); c.add("full", size, 2.7, dtype=torch.int64); c.add("zeros", size); c.add("ones", size, dtype=torch.int64); c.add("zeros", size, dtype=torch.bool); c.add("new_full", x, size, 3); c.add("new_zeros", T("i8", 2), size); c.add("new_ones", T("bool", 2), size)
c.add("full", [2], 2**53 + 1); c.add("full", [2], -1, dtype=torch.uint8); c.add("full", [2], float("-inf")); c.add("scalar_tensor", 5); c.add("scalar_tensor", 5, dtype=torch.int64); c.add("scalar_tensor", 2.5)
for t in [x, T("i64", 2), T("bool", 3), T("u8", 2)]:
    c.add("full_like", t, 1); c.add("zeros_like", t); c.add("ones_like", t); c.add("fill.Scalar", t, 1); c.add("fill.Tensor", t, torch.tensor(1)); c.add("zero", t)
c.add("full_like", x, 2.5, dtype=torch.int32); c.add("zeros_like", x, dtype=torch.int16); c.add("fill.Tensor", T("i32", 3), torch.tensor(-2.7))
for args in [[4], [0], [4.5], [-0.0]]:
    c.add("arange", *args)
for args in [[1, 5], [2.0, 4], [-3, 3], [2**40, 2**40 + 3]]:
    c.add("arange.start", *args)
for args in [[0, 10, 3], [10, 0, -3], [0.0, 1.0, 0.1], [0, 1, 0.25], [5, 5, 1], [1, 7, 2.5], [-1.5, -4, -0.5]]:
    c.add("arange.start_step", *args); c.add("arange.start_step", *args, dtype=torch.float32)
c.add("arange", 4, dtype=torch.float32); c.add("arange", 3, dtype=torch.int8); c.add("arange.start_step", 0, 5, 2, dtype=torch.int32); c.add("range.step", 1, 4, 0.5)
for args in [[0, 1, 5], [-2.5, 3, 4], [3, -3, 7], [1, 1, 1], [0, 10, 0]]:
    c.add("linspace", *args); c.add("linspace", *args, dtype=torch.int64)
c.add("logspace", 0, 2, 5); c.add("logspace", -1, 1, 4, 2.0); c.add("eye", 3); c.add("eye", 0); c.add("eye.m", 2, 4); c.add("eye.m", 4, 2, dtype=torch.int64); c.add("eye", 2, dtype=torch.bool)
for args in [[3, 4], [4, 3, 1], [3, 3, -1], [2, 5, -9]]:
    c.add("tril_indices", *args); c.add("triu_indices", *args)
c.add("tril_indices", 3, 3, dtype=torch.int32)
for op in ["hann_window", "hamming_window", "blackman_window", "bartlett_window", "kaiser_window"]:
    for n in [0, 1, 2, 5, 8]:
        c.add(op, n); c.add(f"{op}.periodic", n, False); c.add(f"{op}.periodic", n, True)
c.add("hamming_window.periodic_alpha", 6, True, 0.6); c.add("hamming_window.periodic_alpha_beta", 6, False, 0.6, 0.3); c.add("kaiser_window.beta", 7, True, 5.0)
c.add("linspace.Tensor_Tensor", torch.tensor(-1.0), torch.tensor(2.5), 6); c.add("linspace.Tensor_Scalar", torch.tensor(3), 1, 4); c.add("linspace.Scalar_Tensor", 0, torch.tensor(1.0), 1); c.add("logspace.Tensor_Tensor", torch.tensor(-1.0), torch.tensor(2.0), 5, 2.0); c.add("logspace.Tensor_Scalar", torch.tensor(0.0), 1, 3); c.add("logspace.Scalar_Tensor", 0, torch.tensor(1.0), 3); c.add("range", 1, 4)
c.save()
