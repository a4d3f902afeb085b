"""Makes swish_net.pt2: a small net with an op of one's own, `mylib::swish`. Needs torch and safetensors."""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "export_tools"))
from save_example import assert_portable, strip_paths  # noqa: E402


@torch.library.custom_op("mylib::swish", mutates_args=())
def swish(x: torch.Tensor, beta: float) -> torch.Tensor:
    return x * torch.sigmoid(beta * x)


@swish.register_fake
def _(x, beta):
    return torch.empty_like(x)


class SwishNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(6, 8)
        self.last = torch.nn.Linear(8, 3)

    def forward(self, x):
        return self.last(torch.ops.mylib.swish(self.first(x), 1.5))


torch.manual_seed(0)
net = SwishNet().eval()
x = torch.randn(2, 6)
program = torch.export.export(net, (x,))
strip_paths(program)
torch.export.save(program, HERE / "swish_net.pt2")
assert_portable(HERE / "swish_net.pt2")
save_file({"in.0": x, "out.0": net(x).detach()}, HERE / "swish_net.safetensors")
