from make import Cases, T
import torch

c = Cases("embedding-renorm")
for norm in [1.0, 2.0, 3.0, float("inf")]:
    c.add("embedding_renorm", T("f32", 5, 3), torch.tensor([[0, 3], [3, 1]]), 4.0, norm)
c.add("embedding_renorm", torch.tensor([[0.0, 0.0], [3.0, 4.0], [30.0, 40.0]]), torch.tensor([0, 1, 2]), 5.0, 2.0)
c.save()
