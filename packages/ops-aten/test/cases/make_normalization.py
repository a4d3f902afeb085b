from make import Cases, T
import torch

nan, inf = float("nan"), float("inf")
c = Cases("normalization")


def stats(n):
    return T("f32", n), T("f32", n).abs() + 0.5


# batch norms: every rank, with and without scale and shift, by running statistics (constants, mostly) and by the batch's own
for shape in [(5, 3), (2, 3, 4), (2, 3, 2, 5), (1, 3, 2, 2, 3)]:
    x, (w, b), (m, v) = T("f32", *shape), stats(3), stats(3)
    for const in [("weight", "bias", "running_mean", "running_var"), ()]:
        c.add("batch_norm", x, w, b, m, v, False, 0.1, 1e-5, True, constants=const)
        c.add("batch_norm", x, None, None, m, v, False, 0.1, 1e-3, True, constants=const[2:])
    c.add("batch_norm", x, w, None, m, v, False, 0.1, 0.5, False); c.add("batch_norm", x, None, b, m, v, False, 0.1, 1e-5, False)
    c.add("native_batch_norm", x, w, b, m, v, False, 0.1, 1e-5); c.add("_native_batch_norm_legit_no_training", x, w, b, m, v, 0.1, 1e-5); c.add("_batch_norm_no_update", x, None, b, m, v, 0.1, 1e-5)
    c.add("batch_norm", x, w, b, None, None, True, 0.1, 1e-5, True); c.add("batch_norm", x, w, b, m.clone(), v.clone(), True, 0.0, 1e-5, True); c.add("native_batch_norm", x, w, None, None, None, True, 0.1, 1e-3)
    c.add("_native_batch_norm_legit.no_stats", x, None, b, True, 0.1, 1e-5); c.add("_native_batch_norm_legit", x, w, b, m, v, False, 0.1, 1e-5)
    c.add("_native_batch_norm_legit_functional", x, w, b, m, v, True, 0.3, 1e-5); c.add("_native_batch_norm_legit_functional", x, w, b, m, v, False, 0.3, 1e-5)
c.add("batch_norm", T("f32", 2, 3, 4), None, None, torch.zeros(3), torch.tensor([0.0, 1.0, 4.0]), False, 0.1, 0.0, True)
# instance norms
for shape in [(2, 3, 4), (2, 3, 2, 5), (1, 3, 2, 2, 3)]:
    x, (w, b), (m, v) = T("f32", *shape), stats(3), stats(3)
    c.add("instance_norm", x, w, b, None, None, True, 0.1, 1e-5, True); c.add("instance_norm", x, None, None, None, None, True, 0.1, 1e-3, True); c.add("instance_norm", x, w, b, m, v, False, 0.1, 1e-5, True); c.add("instance_norm", x, None, b, m, v, False, 0.1, 1e-5, True)
# group norms
for shape in [(2, 6), (2, 6, 5), (1, 6, 2, 3), (2, 6, 2, 1, 3)]:
    x, w, b = T("f32", *shape), T("f32", 6), T("f32", 6)
    for g in [1, 2, 3, 6] if len(shape) > 2 else [1, 2, 3]:
        c.add("group_norm", x, g, w, b); c.add("group_norm", x, g, None, None, 1e-3); c.add("group_norm", x, g, w)
        n = x[0, 0].numel()
        c.add("native_group_norm", x, w, b, x.shape[0], 6, n, g, 1e-5); c.add("native_group_norm", x, None, b, x.shape[0], 6, n, g, 1e-5)
# layer norms
for shape, k in [((3, 4), 1), ((2, 3, 4), 1), ((2, 3, 4), 2), ((2, 3, 4), 3), ((5,), 1), ((2, 2, 1, 2, 1, 2, 3), 2)]:
    x, s = T("f32", *shape), list(shape[-k:])
    w, b = T("f32", *s), T("f32", *s)
    c.add("layer_norm", x, s, w, b); c.add("layer_norm", x, s); c.add("layer_norm", x, s, w, None, 0.1); c.add("layer_norm", x, s, None, b)
    c.add("native_layer_norm", x, s, w, b, 1e-5); c.add("native_layer_norm", x, s, None, None, 1e-3)
    c.add("rms_norm", x, s, w, 1e-6); c.add("rms_norm", x, s); c.add("_fused_rms_norm", x, s, w, 1e-6); c.add("_fused_rms_norm", x, s, None, None)
# a mean that is large against the deviation, equal elements, no epsilon, nothing at all
c.add("layer_norm", torch.arange(8.0).reshape(2, 4) + 4096, [4]); c.add("layer_norm", torch.full((2, 4), 3.0), [4]); c.add("layer_norm", torch.tensor([[1.0, 1.0], [1.0, 3.0]]), [2], None, None, 0.0); c.add("layer_norm", torch.zeros(0, 4), [4]); c.add("layer_norm", torch.tensor([[nan, 1.0], [inf, 2.0]]), [2])
c.save()
