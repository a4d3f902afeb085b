from make import Cases, T
import torch

c = Cases("losses")
x, t = T("f32", 5, 3) / 4, T("f32", 5, 3) / 4
p, q = torch.sigmoid(x), torch.sigmoid(t)
label, sign, w = torch.tensor([0, 2, 1, 2, 0]), torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0]), torch.tensor([0.5, 2.0, 1.25])
deep, places = T("f32", 2, 3, 4, 2) / 4, torch.tensor([[[0, 1], [2, 2], [1, 0], [0, 2]], [[1, 1], [0, 2], [2, 0], [1, 1]]])
for r in [0, 1, 2]:
    c.add("mse_loss", x, t, r); c.add("l1_loss", x, t, r); c.add("smooth_l1_loss", x, t, r, 0.7); c.add("smooth_l1_loss", x, t, r, 0.0); c.add("huber_loss", x, t, r, 0.6); c.add("mse_loss", x, t[0], r)
    c.add("kl_div", p.log(), q, r); c.add("kl_div", p.log(), q.log(), r, log_target=True); c.add("kl_div", p.log(), q.round(), r); c.add("soft_margin_loss", x[:, 0] * 30, sign, r)
    c.add("hinge_embedding_loss", x[:, 0], sign, 1.5, r); c.add("margin_ranking_loss", x[:, 0], t[:, 0], sign, 0.3, r)
    c.add("binary_cross_entropy", p, q, None, r); c.add("binary_cross_entropy", p, q, w, r); c.add("binary_cross_entropy", torch.tensor([0.0, 1.0, 0.0, 1.0, 1e-7]), torch.tensor([0.0, 1.0, 1.0, 0.0, 0.5]), None, r)
    c.add("binary_cross_entropy_with_logits", x * 20, q, None, None, r); c.add("binary_cross_entropy_with_logits", x, q, w, w + 1, r)
    for log_input in [True, False]:
        for full in [True, False]:
            c.add("poisson_nll_loss", p, (q * 5).round(), log_input, full, 1e-8, r)
    c.add("nll_loss", x, label, None, r); c.add("nll_loss", x, label, w, r, 2); c.add("nll_loss_nd", x[0], label[1], None, r); c.add("nll_loss_nd", deep, places, w, r, 1); c.add("nll_loss_nd", deep[:, :, :, 0], places[:, :, 0], None, r); c.add("nll_loss2d", deep, places, w, r); c.add("nll_loss_forward", x, label, w, r, 0); c.add("nll_loss2d_forward", deep, places, None, r, -100)
    c.add("cross_entropy_loss", x * 10, label, None, r); c.add("cross_entropy_loss", x, label, w, r, 0, 0.2); c.add("cross_entropy_loss", x, label, None, r, 0, 0.2); c.add("cross_entropy_loss", x, q, w, r, -100, 0.2); c.add("cross_entropy_loss", deep, places, w, r, 1, 0.1); c.add("cross_entropy_loss", x[0], label[1], None, r); c.add("cross_entropy_loss", x[0], q[0], None, r)
    c.add("multi_margin_loss", x, label, 1, 1, None, r); c.add("multi_margin_loss", x, label, 2, 0.7, w, r); c.add("multilabel_margin_loss", x, torch.tensor([[0, -1, 1], [2, 1, -1], [-1, 0, 0], [1, 0, 2], [1, 1, -1]]), r); c.add("multilabel_margin_loss_forward", x, torch.tensor([[0, -1, 1], [2, 1, -1], [-1, 0, 0], [1, 0, 2], [1, 1, -1]]), r)
    c.add("cosine_embedding_loss", x, t, sign, 0.1, r); c.add("cosine_embedding_loss", x[0], t[0], sign[1], -0.5, r); c.add("triplet_margin_loss", x, t, p, reduction=r); c.add("triplet_margin_loss", x, t, p, 0.5, 1.0, swap=True, reduction=r)
# integers are computed as such, and wrap
for dtype in [torch.uint8, torch.int16, torch.int64]:
    a, b, d = (torch.randint(0, 200, (3, 5), generator=torch.Generator().manual_seed(k)).to(dtype) for k in range(3)); s = torch.tensor([1, -1, 1]).to(torch.int64)
    c.add("margin_ranking_loss", a, b, d, 0.5, 1); c.add("margin_ranking_loss", a, b, d, 0.5, 0); c.add("cosine_embedding_loss", a, b, s, 0.1, 0); c.add("triplet_margin_loss", a, b, d, reduction=0); c.add("pairwise_distance", a, b)
c.save()
