from make import Cases, T
import torch

c = Cases("linear_systems")
m = lambda n, *b: T("f32", *b, n, n) + torch.eye(n).roll(1, 0) * 12  # pivots are not on the diagonal
for n in [1, 2, 3, 5]:
    for b in [(), (2,), (2, 3)]:
        a = m(n, *b)
        for op in ["det", "linalg_det", "logdet", "slogdet", "linalg_slogdet", "inverse", "linalg_inv", "linalg_inv_ex"]:
            c.add(op, a)
        c.add("linalg_solve", a, T("f32", *b, n, 2)); c.add("linalg_solve", a, T("f32", *b, n)); c.add("linalg_solve", a, T("f32", *b, 2, n), left=False); c.add("linalg_solve_ex", a, T("f32", n))
        for upper in [False, True]:
            for unit in [False, True]:
                t = T("f32", *b, n, n) / 4 + 3 * torch.eye(n)
                c.add("linalg_solve_triangular", t, T("f32", *b, n, 3), upper=upper, unitriangular=unit); c.add("linalg_solve_triangular", t, T("f32", *b, 2, n), upper=upper, left=False, unitriangular=unit)
            s = T("f32", *b, n, n); s = s @ s.mT + torch.eye(n)
            c.add("linalg_cholesky", s, upper=upper); c.add("cholesky", (s.triu() if upper else s.tril()) + (T("f32", *b, n, n).tril(-1) if upper else T("f32", *b, n, n).triu(1)), upper)
    c.add("linalg_matrix_power", m(n, 2), -2)
c.add("linalg_solve", m(3), T("f32", 4, 3, 2)); c.add("linalg_solve", m(3, 2), T("f32", 3, 2)); c.add("linalg_solve_triangular", m(3), T("f32", 4, 3, 2), upper=True)
# singular matrices have determinants, and a first zero pivot
z = torch.tensor([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])
for op in ["det", "logdet", "slogdet"]:
    c.add(op, z); c.add(op, torch.zeros(2, 2)); c.add(op, torch.zeros(0, 0)); c.add(op, torch.zeros(0, 2, 2))
c.add("linalg_inv", torch.zeros(0, 0)); c.add("linalg_inv", torch.zeros(0, 2, 2)); c.add("linalg_cholesky", torch.zeros(0, 3, 3)); c.add("linalg_solve", torch.zeros(0, 2, 2), torch.zeros(0, 2, 1))
c.save()
