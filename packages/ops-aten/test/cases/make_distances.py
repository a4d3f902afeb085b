from make import Cases, T
import torch

inf = float("inf")
c = Cases("distances")
for p in [0.0, 1.0, 2.0, 3.0, 0.5, inf]:
    c.add("cdist", T("f32", 3, 4), T("f32", 5, 4), p); c.add("cdist", T("f32", 4, 1, 2, 3), T("f32", 5, 6, 3), p); c.add("_cdist_forward", T("f32", 3, 4), T("f32", 5, 4), p, None); c.add("pdist", T("f32", 4, 3), p); c.add("_pdist_forward", T("f32", 4, 3), p)
    c.add("pairwise_distance", T("f32", 3, 4), T("f32", 3, 4), p); c.add("pairwise_distance", T("f32", 3, 4), T("f32", 4), p, 0.5, True)
c.add("cdist", torch.zeros(2, 0), torch.zeros(3, 0)); c.add("cdist", torch.zeros(0, 2), torch.zeros(3, 2)); c.add("pdist", T("f32", 1, 2)); c.add("cdist", T("f32", 3, 4), T("f32", 5, 4), 2.0, 1); c.add("cdist", T("f32", 2, 3, 4), T("f32", 1, 5, 4), 2.0, 1)
c.add("pairwise_distance", T("i64", 2, 3), T("i64", 3)); c.add("pairwise_distance", T("f32", 3), T("f32", 3))
for d in [0, 1, -1]:
    c.add("cosine_similarity", T("f32", 3, 4), T("f32", 3, 4), d); c.add("cosine_similarity", T("f32", 3, 4), T("f32", 1, 4), d, 0.5); c.add("cosine_similarity", T("f32", 1, 4, 2), T("f32", 3, 1, 2), d)
c.add("cosine_similarity", T("f32", 2, 3), torch.zeros(2, 3)); c.add("cosine_similarity", T("f32"), T("f32"), 0); c.add("cosine_similarity", T("f32", 2), T("f32"), 0); c.add("cosine_similarity", T("f32", 2, 3), T("f32", 3))
c.save()
