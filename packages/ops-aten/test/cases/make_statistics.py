from make import Cases, T
import torch

nan, inf = float("nan"), float("inf")
c = Cases("statistics")
x, y = T("f32", 3, 4), T("f32", 2, 3, 4)
odd = torch.tensor([[1.0, nan, 3.0], [inf, 2.0, 1.0], [-inf, -inf, -inf], [1e4, 1e4 + 1, 1e4 + 2], [0.0, 0.0, -0.0]])
for op in ["var", "std", "var_mean", "std_mean"]:
    for u in [True, False]:
        c.add(op, y, u); c.add(f"{op}.dim", y, [1], u); c.add(f"{op}.dim", y, [-1, 0], u, True); c.add(f"{op}.dim", odd if "mean" not in op else odd[[0, 3, 4]], [1], u); c.add(op, T("f32"), u); c.add(f"{op}.dim", T("f32", 3, 1), [1], u)
    c.add(f"{op}.dim", y, None); c.add(f"{op}.correction", y, [2]); c.add(f"{op}.correction", y, [1], correction=0, keepdim=True); c.add(f"{op}.correction", y, correction=1.5); c.add(f"{op}.correction", x, [1], correction=4); c.add(f"{op}.correction", x, [1], correction=9); c.add(f"{op}.correction", x, [], correction=2)
    c.add(op, torch.zeros(0)); c.add(f"{op}.dim", torch.zeros(2, 0), [1]); c.add(f"{op}.dim", 1e3 + torch.arange(6.0).reshape(2, 3), [1])
for p in [0, 1, 2, 3, 0.5, 2.5, inf, -inf, -1, -2]:
    for t in [x, odd]:
        c.add("linalg_vector_norm", t, p, [1]); c.add("linalg_vector_norm", t, p, [0], True); c.add("linalg_vector_norm", t, p)
    c.add("linalg_vector_norm", T("f32"), p); c.add("norm.Scalar", x, p); c.add("norm.ScalarOpt_dim", y, p, [0, -1]); c.add("dist", x, T("f32", 4), p)
c.add("linalg_vector_norm", y, 2, [0, 2], True); c.add("linalg_vector_norm", torch.zeros(2, 0), 2, [1]); c.add("linalg_vector_norm", torch.zeros(0), 0); c.add("norm.ScalarOpt_dim", x, None, [1]); c.add("norm.ScalarOpt_dim", x, 2, []); c.add("norm.ScalarOpt_dim_dtype", x, 1, [1], True, dtype=torch.float32); c.add("norm.ScalarOpt_dtype", x, 2, dtype=torch.float32)
for o in [1, -1, inf, -inf]:
    c.add("linalg_matrix_norm", x, o); c.add("linalg_matrix_norm", y, o, [0, 2]); c.add("linalg_matrix_norm", y, o, [2, 0], True); c.add("linalg_norm", x, o); c.add("linalg_norm", x, o, [1]); c.add("linalg_norm", x[0], o); c.add("linalg_norm", y, o, [1, 0], True)
c.add("linalg_matrix_norm.str_ord", y); c.add("linalg_matrix_norm.str_ord", y, "fro", [1, 0], True); c.add("linalg_norm", y); c.add("linalg_norm", y, None, [1]); c.add("linalg_norm.ord_str", x, "fro"); c.add("frobenius_norm.dim", y, [0]); c.add("frobenius_norm.dim", y, []); c.add("frobenius_norm.dim", y, [1, 2], True); c.add("linalg_norm", torch.zeros(0, 0), inf, None, True)
for p in [1, 2, 3, inf]:
    c.add("renorm", y, p, 1, 5.0); c.add("renorm", y, p, -1, 1); c.add("renorm", odd, p, 0, 3.0)
for t in [x, odd]:
    for name in ["logsumexp", "special_logsumexp"]:
        c.add(name, t, [1]); c.add(name, t, [0], True); c.add(name, t, [0, 1])
    c.add("logcumsumexp", t, 1); c.add("logcumsumexp", t, -2)
c.add("logsumexp", T("i64", 3), [0]); c.add("logsumexp", torch.tensor([inf, -inf]), [0]); c.add("logsumexp", torch.tensor([-inf, -inf]), [0]); c.add("logsumexp", torch.zeros(2, 0), [1]); c.add("logsumexp", T("f32"), [0]); c.add("logsumexp", torch.tensor([1e4, 1e4]), [0])
c.add("logcumsumexp", y, 1); c.add("logcumsumexp", T("f32"), 0); c.add("logcumsumexp", torch.tensor([0.0, 200.0, -inf, inf, 1.0]), 0); c.add("logcumsumexp", torch.tensor([-inf, -inf, 1.0, nan, 2.0]), 0); c.add("logcumsumexp", torch.zeros(0, 2), 0)
for op in ["softmax.int", "log_softmax.int", "special_softmax", "special_log_softmax", "_safe_softmax"]:
    for t in [x, odd, T("f32", 2, 3, 2, 2)]:
        for d in range(-1, t.dim() - 1):
            c.add(op, t, d)
    c.add(op, T("f32"), 0); c.add(op, torch.zeros(2, 0), 1); c.add(op, torch.zeros(0, 3), 1); c.add(op, T("f32", 2, 1, 2, 1, 2, 1, 3), 3); c.add(op, torch.tensor([1e4, -1e4, 1e4 - 1]), 0); c.add(op, T("i64", 2, 3), 1, dtype=torch.float32)
c.add("_softmax", x, 1, False); c.add("_softmax", y, 0, False); c.add("_log_softmax", x, -1, False); c.add("_log_softmax", y, 1, False)
for t in [x, T("f32", 5), T("f32", 1, 4), T("i64", 3, 4), T("f32"), T("f32", 3, 1)]:
    c.add("corrcoef", t)
    for k in [0, 1, 2]:
        c.add("cov", t, correction=k)
w, u = torch.tensor([1, 2, 0, 3]), torch.tensor([0.5, 1.0, 2.0, 0.25])
for k in [0, 1]:
    c.add("cov", x, correction=k, fweights=w); c.add("cov", x, correction=k, aweights=u); c.add("cov", x, correction=k, fweights=w, aweights=u)
for dim in [0, 1, 2, -1]:
    v = T("f32", 3, 4, 2)
    g = torch.ones([v.shape[i] if i == dim else 1 for i in range(3)]) + 0.5
    c.add("_weight_norm", v, g, dim, constants=("v", "g")); c.add("norm_except_dim", v, 2, dim); c.add("norm_except_dim", v, 1, dim)
    if dim in (0, 2):
        c.add("_weight_norm_interface", v, g, dim)
c.save()
