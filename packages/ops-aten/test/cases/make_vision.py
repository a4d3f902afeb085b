"""torchvision's ops, defined here by what their kernels compute, since torchvision itself need not be there."""
import math
from make import Cases, T, text, attribute
import json, torch
import torch.nn.functional as F


class Named(Cases):
    """Cases of ops that torch.ops does not have."""

    def put(self, name, inputs, attrs, out):
        self.lines.append(json.dumps({"op": name, "in": {k: text(v) for k, v in inputs.items()}, "attrs": {k: attribute(type(v).__name__, v) for k, v in attrs.items()}, "out": [text(x) for x in out]}, separators=(",", ":")))


def inside(image, y, x):
    """Between pixels; zero further out than one element."""
    h, w = image.shape
    if y < -1 or y > h or x < -1 or x > w:
        return 0.0
    y, x = max(y, 0), max(x, 0)
    y0, x0 = min(int(y), h - 1), min(int(x), w - 1)
    y1, x1 = min(y0 + 1, h - 1), min(x0 + 1, w - 1)
    ly, lx = (0 if y0 == h - 1 else y - y0), (0 if x0 == w - 1 else x - x0)
    return float((1 - ly) * ((1 - lx) * image[y0, x0] + lx * image[y0, x1]) + ly * ((1 - lx) * image[y1, x0] + lx * image[y1, x1]))


def roi_align(x, rois, scale, ph, pw, ratio, aligned, per_bin=False):
    c = x.shape[1] // (ph * pw) if per_bin else x.shape[1]
    out = torch.zeros(rois.shape[0], c, ph, pw)
    for k, r in enumerate(rois.tolist()):
        x1, y1, x2, y2 = (v * scale - (0.5 if aligned else 0) for v in r[1:])
        width, height = (x2 - x1, y2 - y1) if aligned else (max(x2 - x1, 1), max(y2 - y1, 1))
        ny, nx = (ratio, ratio) if ratio > 0 else (math.ceil(height / ph), math.ceil(width / pw))
        for ch in range(c):
            for i in range(ph):
                for j in range(pw):
                    plane = x[int(r[0]), (ch * ph + i) * pw + j if per_bin else ch].double()
                    s = sum(inside(plane, y1 + (i + (a + 0.5) / ny) * height / ph, x1 + (j + (b + 0.5) / nx) * width / pw) for a in range(ny) for b in range(nx))
                    out[k, ch, i, j] = s / max(ny * nx, 1)
    return out


def roi_pool(x, rois, scale, ph, pw):
    h, w = x.shape[2:]
    out, at = torch.zeros(rois.shape[0], x.shape[1], ph, pw), torch.full((rois.shape[0], x.shape[1], ph, pw), -1, dtype=torch.int32)
    away = lambda v: math.floor(abs(v) + 0.5) * (1 if v >= 0 else -1)
    for k, r in enumerate(rois.tolist()):
        x1, y1, x2, y2 = (away(v * scale) for v in r[1:])
        bh, bw = max(y2 - y1 + 1, 1) / ph, max(x2 - x1 + 1, 1) / pw
        clip = lambda v, n: min(max(v, 0), n)
        for i in range(ph):
            for j in range(pw):
                ys, ye, xs, xe = clip(math.floor(i * bh) + y1, h), clip(math.ceil((i + 1) * bh) + y1, h), clip(math.floor(j * bw) + x1, w), clip(math.ceil((j + 1) * bw) + x1, w)
                if ys < ye and xs < xe:
                    part = x[int(r[0]), :, ys:ye, xs:xe].flatten(1)
                    best = part.max(1)
                    out[k, :, i, j] = best.values
                    at[k, :, i, j] = ((best.indices // (xe - xs) + ys) * w + best.indices % (xe - xs) + xs).int()
    return out, at


def deform(x, w, offset, mask, bias, sh, sw, ph, pw, dh, dw, groups, og, use_mask):
    n, c, h, width = x.shape
    o, ci, kh, kw = w.shape
    oh, ow = offset.shape[2:]
    k = kh * kw
    off = offset.reshape(n, og, k, 2, oh, ow)
    columns = []
    for g in range(og):
        for t in range(k):
            y = (torch.arange(oh) * sh - ph + (t // kw) * dh).reshape(1, oh, 1) + off[:, g, t, 0]
            u = (torch.arange(ow) * sw - pw + (t % kw) * dw).reshape(1, 1, ow) + off[:, g, t, 1]
            v = F.grid_sample(x[:, g * c // og : (g + 1) * c // og].double(), torch.stack([2 * u / (width - 1) - 1, 2 * y / (h - 1) - 1], -1).double(), align_corners=True)
            columns.append(v * mask.reshape(n, og, k, oh, ow)[:, g, t][:, None] if use_mask else v)
    cols = torch.stack(columns, 0).reshape(og, k, n, c // og, oh, ow).permute(2, 0, 3, 1, 4, 5).reshape(n, c, k, oh, ow)
    parts = [torch.einsum("ncksp,ock->nosp", cols[:, g * ci : (g + 1) * ci], w[g * o // groups : (g + 1) * o // groups].reshape(o // groups, ci, k).double()) for g in range(groups)]
    return (torch.cat(parts, 1) + bias.reshape(1, -1, 1, 1)).float()


f = lambda *shape: T("f32", *shape)
rois = torch.tensor([[0, 1.0, 2.0, 7.5, 9.0], [1, -3.0, 0.5, 4.0, 30.0], [1, 5.0, 5.0, 5.25, 5.5], [0, 8.0, 1.0, 16.0, 3.0]])
c = Named("vision")
x = f(2, 6, 5, 7)
for ratio in [1, 2]:
    for aligned in [False, True]:
        a = dict(spatial_scale=0.5, pooled_height=2, pooled_width=3, sampling_ratio=ratio, aligned=aligned)
        c.put("torchvision.roi_align", dict(input=x, rois=rois), a, [roi_align(x, rois, 0.5, 2, 3, ratio, aligned)])
    a = dict(spatial_scale=0.5, pooled_height=2, pooled_width=3, sampling_ratio=ratio)
    out = roi_align(x, rois, 0.5, 2, 3, ratio, True, True)
    c.put("torchvision.ps_roi_align", dict(input=x, rois=rois), a, [out, torch.arange(6, dtype=torch.int32).reshape(1, 1, 2, 3).expand(4, 1, 2, 3)])
a = dict(spatial_scale=0.5, pooled_height=2, pooled_width=3, sampling_ratio=0, aligned=True)
c.put("torchvision.roi_align", dict(input=x, rois=rois), a, [roi_align(x, rois, 0.5, 2, 3, 0, True)])
c.put("torchvision.roi_pool", dict(input=x, rois=rois), dict(spatial_scale=0.5, pooled_height=2, pooled_width=3), roi_pool(x, rois, 0.5, 2, 3))
for g, og, m, s, p, d, k in [(1, 1, False, (1, 1), (1, 0), (1, 1), (3, 2)), (2, 2, True, (2, 1), (1, 2), (1, 2), (2, 3)), (1, 4, True, (1, 2), (0, 1), (1, 1), (2, 2))]:
    x, w = f(2, 4, 5, 6), f(4, 4 // g, *k)
    oh, ow = ((n + 2 * p[i] - d[i] * (k[i] - 1) - 1) // s[i] + 1 for i, n in enumerate((5, 6)))
    offset = torch.randint(-12, 13, (2, 2 * og * k[0] * k[1], oh, ow)).float() / 7
    mask = torch.randint(0, 5, (2, og * k[0] * k[1], oh, ow)).float() / 4 if m else torch.zeros(2, 1)
    bias = f(4)
    a = dict(stride_h=s[0], stride_w=s[1], pad_h=p[0], pad_w=p[1], dilation_h=d[0], dilation_w=d[1], groups=g, offset_groups=og, use_mask=m)
    c.put("torchvision.deform_conv2d", dict(input=x, weight=w, offset=offset, mask=mask, bias=bias), a, [deform(x, w, offset, mask, bias, *s, *p, *d, g, og, m)])
boxes = torch.tensor([[0.0, 0.0, 4.0, 4.0], [1.0, 0.0, 5.0, 4.0], [0.0, 0.0, 4.0, 2.0], [6.0, 6.0, 9.0, 9.0], [6.0, 6.0, 9.0, 9.0]])
# boxes 0 and 2 share exactly half of what they cover together, which is not more than the threshold
c.put("torchvision.nms", dict(dets=boxes, scores=torch.tensor([0.5, 0.25, 1.0, 0.75, 0.75])), dict(iou_threshold=0.5), [torch.tensor([2, 3, 0])])
c.put("torchvision.nms", dict(dets=boxes, scores=torch.tensor([0.5, 0.75, 0.25, 0.75, 1.0])), dict(iou_threshold=0.75), [torch.tensor([4, 1, 0, 2])])
c.save()
