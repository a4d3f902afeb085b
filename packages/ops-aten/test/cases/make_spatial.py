"""Convolutions, pooling, padding, resampling, sampling by grids, blocks. Extents, strides, paddings and dilations differ by axis."""
from make import Cases, T
import torch

F = lambda *shape: T("f32", *shape)
c = Cases("convolution")
for const in [(), ("weight", "bias")]:
    c.add("conv1d", F(2, 4, 9), F(6, 2, 3), F(6), [2], [1], [2], 2, constants=const)
    c.add("conv2d", F(2, 3, 7, 8), F(4, 3, 3, 2), F(4), [2, 1], [1, 0], [1, 2], 1, constants=const)
    c.add("conv2d", F(1, 4, 6, 5), F(8, 1, 3, 3), F(8), [1, 2], [2, 1], [2, 1], 4, constants=const)
    c.add("conv3d", F(1, 4, 5, 6, 7), F(2, 2, 2, 3, 2), F(2), [2, 1, 3], [1, 0, 1], [2, 1, 2], 2, constants=const)
    c.add("conv_transpose2d.input", F(2, 3, 4, 5), F(3, 2, 3, 2), F(2), [2, 3], [1, 0], [1, 2], 1, [1, 2], constants=const)
    c.add("conv_transpose2d.input", F(1, 4, 4, 3), F(4, 3, 2, 3), F(6), [1, 2], [0, 1], [0, 1], 2, [2, 1], constants=const)
c.add("conv1d", F(3, 7), F(2, 3, 4)); c.add("conv2d", F(2, 5, 6), F(3, 2, 1, 1)); c.add("conv3d", F(2, 4, 5, 6), F(3, 2, 3, 1, 1), None, [1, 1, 1], [1, 0, 0])
c.add("conv2d", F(1, 2, 7, 9), F(3, 2, 3, 3), None, [2, 2], [1, 1]); c.add("conv2d", F(1, 2, 8, 6), F(3, 2, 3, 3), None, [2, 2], [1, 1]); c.add("conv2d", F(1, 2, 5, 6), F(3, 2, 3, 5), None, [1, 1], [1, 2])
for p in ["same", "valid"]:
    c.add("conv1d.padding", F(1, 2, 8), F(3, 2, 4), None, [1], p, [2]); c.add("conv2d.padding", F(1, 2, 6, 7), F(3, 2, 4, 3), F(3), [1, 1], p, [1, 2])
    c.add("conv3d.padding", F(1, 2, 4, 5, 6), F(3, 2, 2, 3, 4), None, [1, 1, 1], p)
c.add("conv_transpose1d", F(2, 3, 5), F(3, 4, 4), F(4), [3], [1], [2]); c.add("conv_transpose1d", F(3, 5), F(3, 2, 3), None, [1], [1], [0], 1, [2]); c.add("conv_transpose1d", F(1, 4, 5), F(4, 1, 2), None, [2], [0], [1], 4)
for k, s, p, o in [(4, 2, 1, 0), (3, 2, 1, 1), (2, 2, 0, 0), (1, 3, 0, 2), (3, 1, 1, 0)]:
    c.add("conv_transpose2d.input", F(1, 2, 4, 3), F(2, 3, k, k), F(3), [s, s], [p, p], [o, o])
c.add("conv_transpose2d.input", F(1, 2, 3, 3), F(2, 1, 2, 2), F(1), [1, 1], [0, 0], [2, 2], 1, [3, 3])
c.add("conv_transpose3d.input", F(1, 2, 3, 4, 2), F(2, 3, 2, 3, 2), F(3), [2, 1, 2], [1, 0, 0], [1, 0, 1]); c.add("conv_transpose3d.input", F(1, 4, 2, 3, 2), F(4, 1, 2, 2, 3), None, [1, 2, 1], [0, 1, 0], [0, 0, 0], 2, [2, 1, 1])
c.add("convolution", F(1, 2, 6, 7), F(4, 1, 3, 2), F(4), [1, 2], [1, 0], [1, 1], False, [0, 0], 2); c.add("convolution", F(1, 2, 5), F(2, 3, 3), None, [2], [1], [1], True, [1], 1)
c.add("conv_tbc", F(6, 2, 3), F(2, 3, 4), F(4), 1)
c.save()

c = Cases("pooling")
nan = torch.tensor([[[1.0, float("nan"), 2.0, 5.0, 5.0, -1.0]]])
for ceil in [False, True]:
    c.add("max_pool1d", F(2, 3, 10), [3], [2], [1], [1], ceil); c.add("max_pool2d", F(1, 2, 7, 8), [3, 2], [2, 3], [1, 0], [1, 1], ceil); c.add("max_pool2d", F(1, 2, 9, 8), [3, 2], [2, 1], [1, 1], [2, 3], ceil); c.add("max_pool3d", F(1, 2, 5, 6, 7), [2, 3, 2], [2, 1, 3], [1, 1, 0], [1, 1, 1], ceil)
    c.add("max_pool1d_with_indices", F(3, 9), [3], [2], [1], [1], ceil); c.add("max_pool2d_with_indices", F(2, 3, 7, 6), [2, 3], [2, 2], [1, 1], [1, 1], ceil); c.add("max_pool3d_with_indices", F(1, 2, 4, 5, 6), [2, 2, 3], [2, 1, 2], [0, 1, 1], [1, 2, 1], ceil)
    for counted in [True, False]:
        c.add("avg_pool1d", F(2, 3, 10), [3], [2], [1], ceil, counted); c.add("avg_pool2d", F(1, 2, 7, 8), [3, 2], [2, 3], [1, 1], ceil, counted); c.add("avg_pool3d", F(1, 2, 5, 6, 7), [2, 3, 2], [2, 1, 3], [1, 1, 0], ceil, counted)
        c.add("avg_pool2d", T("i64", 1, 2, 7, 8), [3, 2], [2, 3], [1, 1], ceil, counted)
c.add("max_pool2d", F(2, 6, 8), [2, 2]); c.add("max_pool2d", T("i64", 1, 2, 5, 6), [3, 2], [2, 1], [1, 1]); c.add("max_pool2d_with_indices", T("u8", 1, 2, 5, 6), [3, 3], [2, 2], [1, 1]); c.add("max_pool2d_with_indices", torch.randint(0, 2, (1, 2, 6, 7)).float(), [3, 3], [2, 2], [1, 1])
c.add("avg_pool2d", F(1, 2, 6, 8), [3, 2], [], [0, 0], False, True, 5); c.add("avg_pool2d", F(1, 2, 7, 7), [3, 3], [2, 2], [1, 1], True, False, 4); c.add("avg_pool2d", F(1, 2, 7, 9), [3, 3], [1, 1], [1, 1], False, False)
for op, sizes in [("adaptive_avg_pool1d", [[1], [3], [4]]), ("adaptive_avg_pool2d", [[1, 1], [2, 3], [3, 5], [1, 4], [6, 8]]), ("adaptive_avg_pool3d", [[1, 1, 1], [2, 3, 1], [3, 4, 2]])]:
    n = len(sizes[0])
    for s in sizes:
        c.add(op, F(2, 3, *[6, 8, 4][:n]), s); c.add(op.replace("avg", "max"), F(2, 3, *[6, 8, 4][:n]), s)
c.add("adaptive_avg_pool2d", F(3, 5, 7), [2, 3]); c.add("_adaptive_avg_pool2d", F(1, 3, 4, 6), [2, 2]); c.add("_adaptive_avg_pool3d", F(1, 3, 4, 6, 2), [2, 4, 1]); c.add("adaptive_max_pool1d", nan, [1])
x = F(1, 2, 6, 8); y, i = torch.ops.aten.max_pool2d_with_indices(x, [2, 2]); c.add("max_unpool2d", y, i, [6, 8])
x = F(2, 7, 7); y, i = torch.ops.aten.max_pool2d_with_indices(x, [3, 3], [2, 2]); c.add("max_unpool2d", y, i, [7, 7])
x = F(1, 2, 4, 6, 5); y, i = torch.ops.aten.max_pool3d_with_indices(x, [2, 2, 2]); c.add("max_unpool3d", y, i, [4, 6, 5], [2, 2, 2], [0, 0, 0])
# a window larger than all there is: rounding up makes one of it
c.add("avg_pool2d", F(1, 2, 5, 4), [20, 20], [20, 20], [0, 0], True, True); c.add("avg_pool2d", F(1, 2, 5, 4), [20, 7], [20, 9], [2, 1], True, False); c.add("avg_pool2d", F(1, 2, 5, 4), [20, 7], [20, 9], [2, 1], True, True, 3); c.add("max_pool2d", F(1, 2, 5, 4), [20, 9], [20, 9], [3, 0], [1, 1], True)
c.save()

c = Cases("padding")
for dtype in ["f32", "i64", "i32", "bool", "u8"]:
    c.add("constant_pad_nd", T(dtype, 2, 3, 4), [1, 2, 0, 1], 1); c.add("constant_pad_nd", T(dtype, 2, 3, 4), [1, 0, 0, 2, 3, 1]); c.add("constant_pad_nd", T(dtype, 2, 5, 4), [-1, 2, 1, -3])
for mode, n in [("reflect", 1), ("reflect", 2), ("replicate", 2), ("replicate", 3), ("circular", 1), ("circular", 3)]:
    x = F(1, 2, *[5, 6, 4][:n])
    c.add("pad", x, [1, 2, 0, 3, 1, 1][: 2 * n], mode); c.add("pad", x, [2, 0, 1, 1, 0, 2][: 2 * n], mode); c.add("pad", x, [-1, 2, 3, -2, 1, -1][: 2 * n], mode)
c.add("reflection_pad1d", F(3, 6), [2, 4]); c.add("reflection_pad2d", F(2, 4, 6), [2, 4, 1, 3]); c.add("reflection_pad3d", F(1, 2, 3, 4, 5), [1, 2, 3, 0, 2, 1]); c.add("replication_pad1d", F(2, 3, 4), [0, 3]); c.add("replication_pad2d", F(1, 2, 3, 4), [1, 1, 1, 0]); c.add("replication_pad3d", F(2, 3, 4, 5), [2, 0, 1, 3, 0, 1])
c.add("replication_pad1d", F(2, 4), [-4, 5]); c.add("pad", F(2, 3), [1, 1], "constant", float("-inf")); c.add("pad", F(2, 1, 2, 1, 2, 3), [1, 1, 0, 0, 2, 0, 0, 0, 0, 0, 1, 0]); c.add("_pad_circular", F(1, 3, 4), [4, 3]); c.add("_pad_enum", F(1, 3, 4), [1, 2], 1); c.add("pad", F(), [])
c.save()

c = Cases("resampling")
for n, name in [(1, "upsample_linear1d"), (2, "upsample_bilinear2d"), (3, "upsample_trilinear3d")]:
    x = F(1, 2, *[4, 5, 3][:n])
    for size in [[7, 3, 6], [1, 1, 1], [2, 5, 4]]:
        for align in [False, True]:
            c.add(name, x, size[:n], align); c.add(name + ".vec", x, size[:n], align, None)
        c.add(f"upsample_nearest{n}d", x, size[:n]); c.add(f"_upsample_nearest_exact{n}d", x, size[:n])
    for scales in [[1.7, 2.3, 0.6], [2.0, 3.0, 2.0], [1.1, 1.2, 1.4]]:
        c.add(name + ".vec", x, None, False, scales[:n]); c.add(f"upsample_nearest{n}d.vec", x, None, scales[:n]); c.add(f"_upsample_nearest_exact{n}d.vec", x, None, scales[:n])
for align in [False, True]:
    for op in ["upsample_bicubic2d", "_upsample_bicubic2d_aa", "_upsample_bilinear2d_aa"]:
        for size in [[7, 3], [2, 9], [4, 2]]:
            c.add(op, F(1, 2, 4, 5), size, align)
        c.add(op + ".vec", F(1, 2, 4, 5), None, align, [1.7, 0.6])
c.add("upsample_nearest2d", T("u8", 1, 2, 3, 4), [7, 5])
for m in [0, 1, 2]:
    for p in [0, 1, 2]:
        for align in [False, True]:
            g = torch.randint(-12, 13, (2, 3, 4, 2)).float() / 9.1
            c.add("grid_sampler_2d", F(2, 3, 5, 4), g, m, p, align)
            if m < 2:
                c.add("grid_sampler_3d", F(1, 2, 3, 5, 4), torch.randint(-12, 13, (1, 2, 3, 2, 3)).float() / 9.1, m, p, align)
c.add("grid_sampler", F(1, 2, 3, 4), torch.zeros(1, 2, 3, 2), 0, 0, True)
for align in [False, True]:
    c.add("affine_grid_generator", F(2, 2, 3), [2, 1, 3, 4], align); c.add("affine_grid_generator", F(1, 3, 4), [1, 2, 3, 1, 2], align)
for k, d, p, s in [([2, 3], [1, 1], [0, 0], [1, 1]), ([2, 2], [1, 1], [0, 0], [2, 2]), ([3, 2], [1, 2], [1, 0], [2, 1]), ([2, 3], [2, 1], [1, 2], [1, 3])]:
    x = F(2, 3, 7, 8)
    c.add("im2col", x, k, d, p, s); u = torch.ops.aten.im2col(x, k, d, p, s); c.add("col2im", F(*u.shape), [7, 8], k, d, p, s)
c.add("im2col", F(3, 4, 5), [2, 2], [1, 1], [0, 0], [1, 1])
c.save()
