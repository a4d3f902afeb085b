from make import Cases, T
import torch

nan, inf = float("nan"), float("inf")
I = lambda *v: torch.tensor(v)
c = Cases("matmul")
kinds = ["f32", "i64", "i32", "u8", "i8", "i16"]
for k in kinds:
    a, b, v = T(k, 3, 4), T(k, 4, 5), T(k, 4)
    for const in [(), ("mat2", "other", "weight", "bias")]:
        pick = lambda *names: [n for n in const if n in names]
        c.add("mm", a, b, constants=pick("mat2")); c.add("bmm", T(k, 2, 3, 4), T(k, 2, 4, 5), constants=pick("mat2")); c.add("matmul", T(k, 2, 3, 4), b, constants=pick("other")); c.add("matmul", v, b, constants=pick("other"))
        if k in ("f32", "i64"):
            c.add("linear", T(k, 2, 3, 4), T(k, 5, 4), constants=pick("weight")); c.add("linear", T(k, 3, 4), T(k, 5, 4), T(k, 5), constants=pick("weight", "bias")); c.add("linear", v, T(k, 5, 4), T(k, 5), constants=pick("weight", "bias"))
    c.add("mv", a, v); c.add("dot", v, T(k, 4)); c.add("vdot", v, T(k, 4)); c.add("matmul", v, T(k, 4)); c.add("matmul", T(k, 2, 3, 4), v); c.add("matmul", v, T(k, 2, 4, 3)); c.add("matmul", T(k, 1, 2, 3, 4), T(k, 5, 1, 4, 2)); c.add("matmul", a, T(k, 2, 4, 3)); c.add("linalg_matmul", a, b)
    c.add("addmm", T(k, 5), a, b); c.add("addmm", T(k, 3, 1), a, b, beta=2, alpha=3); c.add("addmm", T(k), a, b, beta=0, alpha=-1); c.add("addmm", T(k, 3, 5), a, b, beta=0.5 if k == "f32" else 3, alpha=1.5 if k == "f32" else 1)
    c.add("baddbmm", T(k, 2, 3, 5), T(k, 2, 3, 4), T(k, 2, 4, 5), beta=2); c.add("baddbmm", T(k, 5), T(k, 2, 3, 4), T(k, 2, 4, 5), alpha=2); c.add("addbmm", T(k, 3, 5), T(k, 2, 3, 4), T(k, 2, 4, 5), beta=-1, alpha=2); c.add("addmv", T(k, 3), a, v, beta=2, alpha=-1); c.add("addmv", T(k), a, v)
    c.add("addr", T(k, 3, 4), T(k, 3), v, beta=2, alpha=3); c.add("addr", T(k), T(k, 3), v); c.add("outer", T(k, 3), v); c.add("ger", T(k, 3), v)
    c.add("inner", a, T(k, 2, 4)); c.add("inner", T(k, 2, 3, 4), v); c.add("inner", T(k), a); c.add("inner", v, T(k, 4)); c.add("kron", T(k, 2, 3), T(k, 3, 2)); c.add("kron", T(k, 2), T(k, 3, 2)); c.add("kron", T(k, 2, 3, 1), T(k, 2)); c.add("kron", T(k), T(k, 3))
    c.add("tensordot", T(k, 2, 3, 4), T(k, 4, 3, 5), [1, 2], [1, 0]); c.add("tensordot", T(k, 2, 3), T(k, 4, 2), [0], [-1]); c.add("tensordot", T(k, 2), T(k, 3), [], []); c.add("tensordot", T(k, 2, 3), T(k, 2, 3), [0, 1], [0, 1])
    if k == "f32":
        c.add("tensordot", T(k, 2, 1, 4), T(k, 4, 3, 5), [1, 2], [1, 0])
    c.add("trace", T(k, 3, 5)); c.add("trace", T(k, 4, 2)); c.add("matrix_power", T(k, 2, 3, 3), 3); c.add("linalg_matrix_power", T(k, 3, 3), 0); c.add("linalg_matrix_power", T(k, 3, 3), 1); c.add("linalg_matrix_power", T(k, 2, 2), 6)
    c.add("chain_matmul", [a, b, T(k, 5, 2)]); c.add("linalg_multi_dot", [v, b, T(k, 5)]); c.add("linalg_multi_dot", [a, b, T(k, 5, 2), T(k, 2, 3)]); c.add("chain_matmul", [a])
    c.add("cross", T(k, 2, 3), T(k, 2, 3)); c.add("cross", T(k, 3, 2), T(k, 3, 2), 0); c.add("linalg_cross", T(k, 1, 3), T(k, 2, 3)); c.add("linalg_cross", T(k, 3, 4), T(k, 3, 1), dim=0)
    c.add("linalg_vander", T(k, 3)); c.add("linalg_vander", T(k, 2, 3), N=4); c.add("vander", T(k, 3)); c.add("vander", T(k, 3), 2, True); c.add("linalg_vander", T(k), N=3)
    for eq, *shapes in [("ij,jk", (3, 4), (4, 2)), ("ij,kj->ik", (3, 4), (2, 4)), ("...ij,...jk->...ik", (5, 2, 3), (3, 4)), ("i,j->ij", (3,), (4,)), ("bij,bjk->bik", (1, 2, 3), (4, 3, 2)), ("ii->i", (3, 3)), ("ii", (3, 3)), ("ba", (2, 3)), ("i...->...", (2, 3)), (" i j , j ", (2, 3), (3,)), ("i,i,i->", (2,), (2,), (2,)), ("...,...", (2,), (3, 2)), ("ij,kj->ijk", (2, 3), (1, 3)), ("aA,A->a", (2, 3), (3,)), ("ij...,ij->...", (2, 3, 4), (2, 3)), ("iij->ji", (3, 3, 2)), ("i,j->j", (2,), (3,)), ("bhld,bhsd->bhls", (1, 2, 3, 4), (1, 2, 5, 4)), ("bhls,bshd->blhd", (2, 2, 3, 4), (2, 4, 2, 5)), ("abc,cd,bd->a", (2, 3, 4), (4, 5), (3, 5)), ("bnd,hde->bhne", (2, 3, 4), (2, 4, 5)), ("oi,bi->bo", (3, 4), (2, 4)), ("abcde,edcba->ab", (2, 3, 1, 2, 2), (2, 2, 1, 3, 2))]:
        c.add("einsum", eq, [T(k, *s) for s in shapes])
b = lambda *s: T("bool", *s)
c.add("outer", b(3), b(4)); c.add("kron", b(2, 2), b(1, 3)); c.add("addr", b(2, 3), b(2), b(3)); c.add("addr", b(2, 3), b(2), b(3), beta=0); c.add("einsum", "i->", [b(4)]); c.add("outer", T("i64", 2), T("f32", 3)); c.add("kron", T("i64", 2), T("f32", 3)); c.add("addr", T("f32", 2, 2), T("i64", 2), T("i64", 2)); c.add("cross", T("i64", 3), T("i64", 3))
big = I([2**40, -(2**33)], [3, 2**31])
c.add("mm", big, I([5, 7], [2**20, -1])); c.add("addmm", big, big, I([1, 0], [0, 1])); c.add("mv", big, I(3, -2)); c.add("linear", big, I([1, 2])); c.add("mm", torch.full((1, 3), 2**30, dtype=torch.int32), torch.full((3, 1), 2, dtype=torch.int32))
# nothing to multiply, and nothing that comes of it
for k in ["f32", "i64"]:
    c.add("mm", torch.zeros(2, 0, dtype=T(k).dtype), torch.zeros(0, 3, dtype=T(k).dtype)); c.add("addmm", T(k, 3), torch.zeros(2, 0, dtype=T(k).dtype), torch.zeros(0, 3, dtype=T(k).dtype)); c.add("bmm", torch.zeros(0, 2, 3, dtype=T(k).dtype), torch.zeros(0, 3, 4, dtype=T(k).dtype)); c.add("mm", torch.zeros(0, 3, dtype=T(k).dtype), torch.zeros(3, 2, dtype=T(k).dtype))
c.add("linear", torch.zeros(2, 0), torch.zeros(3, 0), T("f32", 3), constants=("weight", "bias")); c.add("linear", torch.zeros(0, 3), T("f32", 4, 3), T("f32", 4), constants=("weight", "bias")); c.add("linear", T("f32", 2, 1, 2, 1, 2, 2, 3), T("f32", 4, 3), T("f32", 4), constants=("weight", "bias")); c.add("linear", T("f32", 2, 3), T("f32", 4, 3), T("f32", 2, 4), constants=("weight",)); c.add("matmul", T("f32", 2, 1, 2, 2, 3, 4), T("f32", 2, 2, 1, 2, 4, 2))
c.add("addmm", torch.full((2, 2), nan), T("f32", 2, 3), T("f32", 3, 2), beta=0); c.add("_addmm_activation", T("f32", 3), T("f32", 2, 4), T("f32", 4, 3)); c.add("_addmm_activation", T("f32", 3), T("f32", 2, 4), T("f32", 4, 3), use_gelu=True); c.add("linalg_vecdot", T("f32", 2, 3), T("f32", 3)); c.add("linalg_vecdot", T("f32", 3, 2), T("f32", 3, 1), dim=0)
for bias in [T("f32", 6), None]:
    c.add("bilinear", T("f32", 3, 4), T("f32", 3, 5), T("f32", 6, 4, 5), bias, constants=("weight",)); c.add("bilinear", T("f32", 4), T("f32", 5), T("f32", 6, 4, 5), bias); c.add("bilinear", T("f32", 2, 3, 4), T("f32", 2, 3, 5), T("f32", 6, 4, 5), bias)
c.save()
