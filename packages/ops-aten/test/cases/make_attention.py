from make import Cases, T
import torch

nan, inf = float("nan"), float("inf")
c = Cases("attention")
op = "scaled_dot_product_attention"
q, k, v = T("f32", 2, 2, 3, 4), T("f32", 2, 2, 5, 4), T("f32", 2, 2, 5, 6)
some = torch.tensor([[1, 0, 1, 1, 0], [0, 0, 0, 0, 1], [1, 1, 1, 1, 1]], dtype=torch.bool)
none = some.clone(); none[1] = False
soft = torch.zeros(3, 5).masked_fill(~some, -inf) + T("f32", 3, 5)
hard = torch.zeros(3, 5).masked_fill(~none, -inf)
low = torch.zeros(3, 5); low[1] = torch.finfo(torch.float32).min
masks = [None, some, none, soft, hard, low, some.expand(2, 1, 3, 5).contiguous(), T("f32", 2, 2, 3, 5), T("bool", 1, 1, 1, 5), none[:, :1].contiguous(), T("f32", 3, 1)]
for m in masks:
    for const in [(), ("attn_mask",)]:
        if m is None and const:
            continue
        c.add(op, q, k, v, m, constants=const)
    c.add("_scaled_dot_product_flash_attention_for_cpu", q, k, v[..., :4].contiguous(), attn_mask=None if m is None else m.float().log() if m.dtype == torch.bool else m)
    c.add("_scaled_dot_product_attention_math", q, k, v, m)
for a, b in [(3, 5), (5, 3), (4, 4), (1, 4)]:
    c.add(op, T("f32", 1, 2, a, 4), T("f32", 1, 2, b, 4), T("f32", 1, 2, b, 4), is_causal=True); c.add("_scaled_dot_product_attention_math", T("f32", 1, 2, a, 4), T("f32", 1, 2, b, 4), T("f32", 1, 2, b, 4), is_causal=True)
c.add(op, q, k, v, scale=1.0); c.add(op, q, k, v, scale=0.25, is_causal=True); c.add(op, q[0, 0], k[0, 0], v[0, 0]); c.add(op, q[0], k[0], v[0], some); c.add(op, q, k[:1], v[:1]); c.add(op, q, k[0], v[0]); c.add(op, T("f32", 2, 1, 2, 3, 4), T("f32", 2, 1, 2, 3, 4), T("f32", 2, 1, 2, 3, 5))
for g, m in [(2, None), (2, some), (6, hard), (3, T("f32", 1, 6, 3, 5))]:
    h = 6 // g
    c.add(op, T("f32", 2, 6, 3, 4), T("f32", 2, h, 5, 4), T("f32", 2, h, 5, 4), m, enable_gqa=True)
c.add(op, T("f32", 6, 3, 4), T("f32", 2, 5, 4), T("f32", 3, 5, 4), enable_gqa=True); c.add(op, T("f32", 1, 4, 5, 4), T("f32", 1, 2, 5, 4), T("f32", 1, 2, 5, 4), is_causal=True, enable_gqa=True)
c.add(op, q, k[:, :, :0], v[:, :, :0])
c.save()
