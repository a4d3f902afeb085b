"""Makes norm_net.pt2: two layers with an RMSNorm between them. Needs torch and safetensors."""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "export_tools"))
from save_example import assert_portable, strip_paths  # noqa: E402


class NormNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(6, 8)
        self.norm = torch.nn.RMSNorm(8, eps=1e-5)
        self.last = torch.nn.Linear(8, 3)

    def forward(self, x):
        return self.last(self.norm(self.first(x)))


torch.manual_seed(0)
net = NormNet().eval()
torch.nn.init.uniform_(net.norm.weight, 0.5, 1.5)
x = torch.randn(2, 6)
program = torch.export.export(net, (x,))
strip_paths(program)
torch.export.save(program, HERE / "norm_net.pt2")
assert_portable(HERE / "norm_net.pt2")
save_file({"in.0": x, "out.0": net(x).detach()}, HERE / "norm_net.safetensors")
