from make import Cases, T
import torch

c = Cases("views")
x = T("f32", 2, 3, 4)
# shapes
for dt in ["f32", "i64", "bool", "c64", "f16"]:
    c.add("view", T(dt, 2, 6), [3, -1])
c.add("view", T("f32", 1), [])
c.add("view", T("f32"), [1, 1])
c.add("reshape", T("i32", 0, 3), [3, 0, 5])
c.add("reshape", x, [-1])
c.add("view_as", x, T("i8", 4, 6))
c.add("flatten.using_ints", x, 1)
c.add("flatten.using_ints", x, -3, -2)
c.add("flatten.using_ints", T("f32"))
c.add("unflatten.int", x, -1, [2, -1])
c.add("unflatten.int", x, 0, [2, 1])
c.add("ravel", x)
y = T("f32", 1, 3, 1, 2)
c.add("squeeze", y)
c.add("squeeze.dim", y, -2)
c.add("squeeze.dim", y, 1)
c.add("squeeze.dim", T("f32"), -1)
c.add("squeeze.dims", y, [0, 1])
c.add("squeeze.dims", y, [-2, 0])
c.add("unsqueeze", x, -1)
c.add("unsqueeze", x, 0)
c.add("unsqueeze", T("i64"), -1)
for r in range(4):
    t = T("f32", *[2, 3, 4][:r])
    c.add("atleast_1d", t); c.add("atleast_2d", t); c.add("atleast_3d", t)
c.add("atleast_2d.Sequence", [T("f32"), T("i8", 3)])
# permutations
for dt in ["f32", "i64", "bool", "i8", "c64"]:
    c.add("permute", T(dt, 2, 3, 4), [2, 0, 1])
c.add("permute", x, [-1, 0, -2])
c.add("transpose.int", x, 0, -1)
c.add("transpose.int", x, 1, 1)
c.add("transpose.int", T("f32"), 0, -1)
c.add("t", T("f32", 2, 3)); c.add("t", T("f32", 3))
c.add("numpy_T", x); c.add("mT", x); c.add("adjoint", T("c64", 2, 3)); c.add("mH", x)
c.add("movedim.int", x, 0, -1); c.add("movedim.intlist", x, [0, 2], [-1, 0])
c.add("moveaxis.intlist", T("f32", 2, 3, 4, 5), [3, 0], [1, 2])
c.add("swapaxes", x, 0, 2); c.add("swapdims", x, -1, 1)
# expanding
for dt in ["f32", "i64", "bool", "u8"]:
    c.add("expand", T(dt, 3, 1), [2, -1, 4])
c.add("expand", T("f32"), [2, 3]); c.add("expand", T("f32", 1), [0])
c.add("expand_as", T("f32", 3, 1), T("f32", 2, 3, 5))
c.add("broadcast_to", T("i16", 1, 3), [2, 3])
c.add("broadcast_tensors", [T("f32", 3, 1), T("i64", 2, 1, 4), T("bool")])
c.add("repeat", T("f32", 2, 3), [2, 1, 3]); c.add("repeat", T("i64", 2), [0]); c.add("repeat", T("bool", 2, 3), [1, 2]); c.add("repeat", T("f32"), [2, 2])
c.add("tile", T("f32", 2, 3), [2]); c.add("tile", T("f32", 2, 3), [2, 1, 2]); c.add("tile", T("i8", 2), [])
c.add("meshgrid", [T("f32", 2), T("f32", 3)])
c.add("meshgrid.indexing", [T("f32", 2), T("f32", 3), T("f32")], indexing="xy")
c.add("meshgrid.indexing", [T("i64", 2), T("i64", 3), T("i64", 4)], indexing="ij")
c.add("cartesian_prod", [T("f32", 2), T("f32", 3)]); c.add("cartesian_prod", [T("i64", 3)]); c.add("cartesian_prod", [T("i64", 3), T("i64", 1), T("i64", 2)])
# interleaving
c.add("repeat_interleave.self_int", x, 2, 1); c.add("repeat_interleave.self_int", x, 3); c.add("repeat_interleave.self_int", T("i64", 3), 2, -1)
for const in [(), ("repeats",)]:
    c.add("repeat_interleave.self_Tensor", x, torch.tensor([2, 0, 3]), 1, constants=const, output_size=5)
    c.add("repeat_interleave.self_Tensor", T("f32", 2, 2), torch.tensor([2, 0, 1, 2]), constants=const, output_size=5)
    c.add("repeat_interleave.self_Tensor", T("f32", 3), torch.tensor([2]), 0, constants=const, output_size=6)
    c.add("repeat_interleave.Tensor", torch.tensor([2, 0, 1, 2]), constants=const, output_size=5)
# slices
for i in [0, 2, -1, -3]:
    c.add("select.int", x, 1, i)
c.add("select.int", T("bool", 3), 0, -1)
for dt in ["f32", "i64", "bool"]:
    c.add("slice.Tensor", T(dt, 2, 7), 1, 1, -1, 2)
for s, e, k in [(None, None, 1), (2, None, 1), (-3, -1, 1), (5, 2, 1), (-20, 20, 3), (1, 9223372036854775807, 4), (6, 7, 5), (0, 7, 7)]:
    c.add("slice.Tensor", T("f32", 7, 2), 0, s, e, k)
c.add("narrow", x, 2, 1, 2); c.add("narrow", x, -1, -3, 2); c.add("narrow", x, 0, 2, 0)
for s in [0, 2, -3]:
    c.add("narrow.Tensor", x, 2, torch.tensor(s), 2)
c.add("select_copy.int", x, 0, 1); c.add("slice_copy.Tensor", x, 2, 0, 3, 2); c.add("narrow_copy", x, 1, 0, 2)
# splits
c.add("split.Tensor", T("f32", 7, 2), 3); c.add("split.Tensor", T("i64", 2, 6), 2, -1); c.add("split.Tensor", T("bool", 4), 2); c.add("split.Tensor", T("f32", 0, 2), 3)
c.add("split.sizes", T("f32", 6), [1, 0, 5]); c.add("split_with_sizes", T("f32", 2, 6), [2, 4], 1)
c.add("chunk", T("f32", 7, 2), 3); c.add("chunk", T("f32", 5), 4); c.add("chunk", T("f32", 2, 12), 6, 1); c.add("chunk", T("f32", 2, 6), 2, 1)
c.add("unsafe_chunk", T("f32", 7), 2); c.add("unsafe_split.Tensor", T("f32", 7), 3); c.add("split_copy.Tensor", T("f32", 7), 3); c.add("split_with_sizes_copy", T("f32", 7), [3, 4])
c.add("tensor_split.sections", T("f32", 7, 2), 3); c.add("tensor_split.indices", T("f32", 7), [2, 5]); c.add("tensor_split.indices", T("f32", 7), [5, 2, -1, 20])
for const in [(), ("tensor_indices_or_sections",)]:
    for cuts in [[2, 5], [5, 2, -1, 20], [-30, 3]]:
        c.add("tensor_split.tensor_indices_or_sections", T("f32", 2, 7, 2), torch.tensor(cuts), 1, constants=const)
    c.add("tensor_split.tensor_indices_or_sections", T("f32", 7), torch.tensor(3), constants=const)
c.add("hsplit.int", T("f32", 2, 4), 2); c.add("hsplit.array", T("f32", 5), [1, 3]); c.add("vsplit.int", T("f32", 4, 2), 2); c.add("vsplit.array", T("f32", 4, 2), [3])
c.add("dsplit.int", T("f32", 2, 2, 4), 2); c.add("dsplit.array", T("f32", 1, 2, 4), [1, 3])
c.add("unbind.int", x, 1); c.add("unbind.int", T("i64", 5), 0); c.add("unbind.int", T("f32", 1, 2), 0); c.add("unbind_copy.int", x, -1); c.add("unbind.int", T("bool", 2, 3), 0)
# diagonals
for o in [0, 1, -1, 3, -2, 9]:
    c.add("diagonal", T("f32", 3, 4), o)
c.add("diagonal", x, 1, -1, 0); c.add("diagonal", x, -1, 1, 2); c.add("diagonal_copy", T("i64", 3, 3)); c.add("linalg_diagonal", x, offset=1)
for o in [0, 2, -2]:
    c.add("diag", T("f32", 3), o); c.add("diag", T("i64", 3, 4), o); c.add("diag_embed", T("f32", 2, 3), o); c.add("diag_embed", T("f32", 2, 3), o, 0, 2); c.add("diagflat", T("f32", 2, 2), o)
    c.add("diag_embed", T("bool", 2, 2), o, -1, 0)
c.add("diagflat", T("f32")); c.add("block_diag", [T("f32", 2, 3), T("i64"), T("f32", 2)]); c.add("block_diag", [T("f32", 2, 0), T("f32", 1, 2)])
# strides
c.add("as_strided", T("f32", 3, 4), [2, 3], [4, 1], 1); c.add("as_strided", T("i64", 6), [2, 2], [1, 2]); c.add("as_strided", T("f32", 6), [3], [0], 2)
c.add("as_strided_copy", T("f32", 6), [2, 3], [3, 1]); c.add("as_strided", T("f32", 6), [0, 2], [2, 1]); c.add("as_strided", T("f32", 6), [], [], 3)
c.add("unfold", T("f32", 2, 7), 1, 3, 2); c.add("unfold", T("f32", 6, 2), 0, 2, 2); c.add("unfold", T("i64", 7), -1, 3, 3); c.add("unfold", T("f32"), 0, 1, 1); c.add("unfold_copy", T("f32", 7), 0, 7, 1)
# turning
for dt in ["f32", "i64", "bool", "i8"]:
    c.add("flip", T(dt, 2, 3, 4), [0, 2])
c.add("flip", x, [-1, 1]); c.add("flip", T("f32"), []); c.add("fliplr", x); c.add("flipud", x); c.add("flip", x, [])
c.add("flip", T("f32", 2, 0, 3), [0]); c.add("flipud", T("i64", 2, 0))
for k in range(-1, 5):
    c.add("rot90", T("f32", 2, 3), k, [0, 1])
c.add("rot90", x, 1, [2, 0]); c.add("rot90", x, 3, [-1, 1])
c.add("roll", x, [1], [0]); c.add("roll", x, [-5, 2], [2, 1]); c.add("roll", x, [7]); c.add("roll", T("bool", 3), [4], [-1]); c.add("roll", T("f32"), [1]); c.add("roll", T("f32", 0, 2), [1], [0])
c.add("fft_fftshift", T("f32", 5, 4)); c.add("fft_ifftshift", T("f32", 5, 4)); c.add("fft_fftshift", T("f32", 5, 4), [0]); c.add("fft_ifftshift", T("f32", 5, 4), [-2])
# joining
c.add("cat", [T("f32", 2, 3), T("f32", 2, 1), T("f32", 2, 0)], 1); c.add("cat", [T("f32", 2), T("i64", 3)]); c.add("cat", [T("f32", 0), T("f32", 2, 2)], -1); c.add("cat", [T("bool", 2), T("u8", 1), T("i8", 1)])
c.add("cat", [T("f32", 0), T("f32", 0)]); c.add("cat", [T("f16", 2), T("bf16", 2)]); c.add("concat", [T("i64", 2), T("i32", 1)]); c.add("concatenate", [T("bool", 1), T("bool", 2)])
c.add("stack", [T("f32", 2, 3), T("f32", 2, 3)], -1); c.add("stack", [T("f32"), T("i64")]); c.add("stack", [T("f32", 2, 3)] * 3, 1)
c.add("hstack", [T("f32"), T("f32", 2)]); c.add("hstack", [T("f32", 2, 1), T("i64", 2, 2)]); c.add("vstack", [T("f32", 3), T("f32", 2, 3)]); c.add("row_stack", [T("f32", 3), T("f32", 3)])
c.add("dstack", [T("f32", 2), T("f32", 2)]); c.add("dstack", [T("f32", 2, 3), T("f32", 2, 3)]); c.add("column_stack", [T("f32", 2), T("f32", 2, 2)]); c.add("column_stack", [T("f32"), T("f32")])
c.add("_chunk_cat", [T("f32", 5, 2), T("f32", 3, 2)], 0, 2); c.add("_chunk_cat", [T("f32", 2, 3, 2), T("f32", 2, 4, 2)], 1, 2); c.add("_chunk_cat", [T("f32", 4, 2), T("f32", 4, 1)], -2, 4)
# pixels and channels
for dt in ["f32", "i64", "bool"]:
    c.add("pixel_shuffle", T(dt, 2, 12, 2, 3), 2); c.add("pixel_unshuffle", T(dt, 2, 3, 4, 6), 2)
c.add("pixel_shuffle", T("f32", 9, 2, 1), 3); c.add("pixel_unshuffle", T("f32", 2, 1, 1, 3, 3), 3); c.add("pixel_shuffle", T("f32", 1, 2, 2, 2), 1)
c.add("channel_shuffle", T("f32", 2, 6, 2, 2), 3); c.add("native_channel_shuffle", T("f32", 1, 4, 3), 2)
c.add("combinations", T("f32", 4)); c.add("combinations", T("i64", 3), 3); c.add("combinations", T("f32", 3), 2, True); c.add("combinations", T("bool", 2), 3); c.add("combinations", T("f32", 3), 1)
c.add("resize", T("f32", 3, 4), [2, 5]); c.add("resize", T("i64", 6), [2, 3]); c.add("resize", T("bool", 2, 2), [])
# bits
for a, b in [("f32", "i32"), ("i32", "f32"), ("i64", "i32"), ("i32", "i64"), ("i16", "u8"), ("u8", "i8"), ("i8", "i16"), ("i64", "i64"), ("f32", "u8")]:
    if a != "i32" or b != "f32":
        c.add("view.dtype", T(a, 2, 4), torch.float32 if b == "f32" else getattr(torch, {"i32": "int32", "i64": "int64", "u8": "uint8", "i8": "int8", "i16": "int16"}[b]))
c.add("view.dtype", torch.tensor([1065353216, -2147483648], dtype=torch.int32), torch.float32); c.add("view_copy.dtype", T("f32"), torch.int32)
# writing views
c.add("select_scatter", x, T("f32", 2, 4), 1, -1); c.add("select_scatter", T("f32", 3), T("f32"), 0, 1); c.add("select_scatter", T("i64", 2, 3), T("i64", 3), 0, 0)
for s, e, k in [(None, None, 1), (1, 4, 1), (-2, None, 1), (0, 7, 2), (1, 20, 4), (5, 2, 1)]:
    n = len(range(7)[s:e:k])
    c.add("slice_scatter", T("f32", 7, 2), T("f32", n, 2), 0, s, e, k)
c.add("slice_scatter", T("bool", 2, 5), T("bool", 2, 2), 1, 1, 4, 2)
for o in [0, 1, -2]:
    c.add("diagonal_scatter", T("f32", 3, 4), T("f32", torch.zeros(3, 4).diagonal(o).shape[0]), o)
c.add("diagonal_scatter", x, torch.ones(3, 2), 0, 0, 2)
c.add("as_strided_scatter", T("f32", 3, 4), T("f32", 2, 2), [2, 2], [5, 1], 1)
c.save()
