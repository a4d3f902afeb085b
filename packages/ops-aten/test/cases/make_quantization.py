from make import Cases, T
import torch
from torch.ao.quantization.fx import _decomposed  # noqa: F401  declares the ops

c = Cases("quantization")
x = torch.tensor([0.0, 0.25, 0.5, 0.75, 1.25, -0.25, -0.75, -1.0, 3.1, -3.3, 100.0, -100.0, 12.7])
rows = torch.stack([x[:12].reshape(3, 4), x[1:13].reshape(3, 4) * 1.7])
I8, U8 = torch.int8, torch.uint8
q = "quantized_decomposed::"
s, z = torch.tensor([0.1, 0.37, 0.0123]), torch.tensor([0, -3, 7])
for scale, zero, low, high, dtype in [(0.5, 0, -128, 127, I8), (0.1, -50, -128, 127, I8), (0.037, 128, 0, 255, U8), (0.5, 3, -8, 7, I8), (0.1, 0, 0, 127, U8)]:
    c.add(q + "quantize_per_tensor", x, scale, zero, low, high, dtype)
    codes = torch.randint(low, high + 1, (2, 3), dtype=dtype)
    c.add(q + "dequantize_per_tensor", codes, scale, zero, low, high, dtype)
    c.add(q + "quantize_per_tensor.tensor", x, torch.tensor([scale]), torch.tensor([zero]), low, high, dtype)
    c.add(q + "dequantize_per_tensor.tensor", codes, torch.tensor([scale]), torch.tensor([zero]), low, high, dtype)
c.add(q + "quantize_per_channel", rows, s, z, 1, -127, 127, I8)
codes = torch.randint(-127, 128, (2, 3, 4), dtype=I8)
c.add(q + "dequantize_per_channel", codes, s, z, 1, -127, 127, I8)
c.add(q + "dequantize_per_channel", codes[0], s, None, 0, -127, 127, I8)
g, gz = torch.tensor([[0.1, 0.2], [0.3, 0.4], [0.05, 0.6]]), torch.tensor([[0, 1], [-2, 0], [3, 0]], dtype=torch.int32)
c.add(q + "quantize_per_channel_group", rows[0], g, gz, -8, 7, I8, 2)
c.add(q + "dequantize_per_channel_group", codes[0].clamp(-8, 7), g, gz, -8, 7, I8, 2, torch.float32)
t = torch.tensor([[[0.1], [0.2], [0.3]], [[0.4], [0.05], [0.6]]])
tz = torch.tensor([[[0], [1], [-2]], [[0], [3], [0]]])
c.add(q + "quantize_per_token", rows, t, tz, -128, 127, I8)
c.add(q + "dequantize_per_token", codes, t, tz, -128, 127, I8, torch.float32)
for v in (x, -x.abs(), rows):
    c.add(q + "choose_qparams.tensor", v, -128, 127, 1e-6, I8)
    c.add(q + "choose_qparams.tensor", v, 0, 255, 1e-6, U8)
    c.add(q + "choose_qparams_symmetric.tensor", v, -127, 127, 1e-6, I8)
    c.add(q + "choose_qparams_per_token_asymmetric", v, I8)
c.add("_int_mm", torch.randint(-128, 128, (17, 8), dtype=I8), torch.randint(-128, 128, (8, 8), dtype=I8))
c.save()
