#!/usr/bin/env python3
"""Exports classifiers whose numbers behave as trained ones do, for the checks of the QNN delegate: qnn_models.py OUT_FOLDER

Weights are drawn, so nothing is downloaded. Drawn weights alone make networks that double every rounding error layer by layer, which no
trained network does: batch norms are calibrated on noise, and the last one of each residual branch is scaled by 0.2, as training with
zero-initialised branches leaves them. Needs torch, torchvision and safetensors."""
import re
import sys
from pathlib import Path

import torch

kernels = torch.library.Library("torchvision", "DEF")
while "torchvision" not in sys.modules:
    try:
        import torchvision
    except RuntimeError as e:
        # a torchvision that was built for another torch lacks its kernels, none of which classifiers use
        missing = re.search(r"operator torchvision::(\w+) does not exist", str(e))
        if not missing:
            raise
        kernels.define(f"{missing[1]}(Tensor x) -> Tensor")
        for name in [n for n in sys.modules if n.startswith("torchvision")]:
            del sys.modules[name]
from safetensors.torch import save_file

out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)


def last_norms(model):
    """The last batch norm of each residual branch."""
    for m in model.modules():
        kind = type(m).__name__
        if kind == "BasicBlock":
            yield m.bn2
        elif kind == "InvertedResidual" and getattr(m, "use_res_connect", False):
            yield [n for n in m.modules() if isinstance(n, torch.nn.BatchNorm2d)][-1]
        elif kind == "MBConv" and m.use_res_connect:
            yield [n for n in m.modules() if isinstance(n, torch.nn.BatchNorm2d)][-1]


for name in ("mobilenet_v2", "mobilenet_v3_small", "resnet18", "efficientnet_b0"):
    torch.manual_seed(0)
    model = getattr(torchvision.models, name)(weights=None)
    for n in last_norms(model):
        torch.nn.init.constant_(n.weight, 0.2)
    for m in model.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            m.momentum = None
            m.reset_running_stats()
    model.train()
    with torch.no_grad():
        for m in model.modules():
            if isinstance(m, (torch.nn.Dropout, torchvision.ops.StochasticDepth)):
                m.eval()
        for _ in range(4):
            model(torch.randn(8, 3, 224, 224))
        # a head that tells classes apart
        last = [m for m in model.modules() if isinstance(m, torch.nn.Linear)][-1]
        torch.nn.init.normal_(last.weight, std=0.05)
    model.eval()
    x = torch.randn(1, 3, 224, 224)
    program = torch.export.export(model, (x,))
    torch.export.save(program, str(out / f"{name}.pt2"))
    save_file({"in.0": x, "out.0": model(x)}, str(out / f"{name}.safetensors"))
    print(name)
