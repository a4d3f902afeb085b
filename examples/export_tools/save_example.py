"""Writes the files of one example (program, test set, description) so that they carry nothing of the machine they were made on.

The examples' `train.py` scripts use this; nothing here is needed to convert or to run a model.
"""

import json
import re
import sys
import zipfile
from pathlib import Path

import torch
from safetensors.torch import save_file

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT_PATH = re.compile(r'(?<=")/[^"\n]*\.py(?=")')


def portable(path: str) -> str:
    """A path that means the same on every machine: from the repository, or from the installed package."""
    if path.startswith(f"{REPOSITORY}/"):
        return path[len(f"{REPOSITORY}/") :]
    if "/site-packages/" in path:
        return path.split("/site-packages/", 1)[1]
    return "/".join(path.split("/")[-2:])


def strip_paths(program: torch.export.ExportedProgram) -> None:
    """Shortens the file names in the stack traces: they stay good for diagnostics and name no folder of this machine."""
    for module in program.graph_module.modules():
        for node in getattr(getattr(module, "graph", None), "nodes", ()):
            trace = node.meta.get("stack_trace")
            if trace:
                node.meta["stack_trace"] = SCRIPT_PATH.sub(lambda found: portable(found.group(0)), trace)


def assert_portable(path: Path) -> None:
    """Fails when any entry of the archive still names a folder of this machine."""
    folders = {str(folder).encode() for folder in (REPOSITORY, Path.home(), Path(sys.prefix), Path(sys.base_prefix))} - {b"/"}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            found = [folder for folder in folders if folder in data]
            if found:
                raise SystemExit(f"{path.name}: {name} holds the path {found[0].decode()}")


@torch.no_grad()
def save_example(
    folder: Path, name: str, model: torch.nn.Module, input_name: str, examples: torch.Tensor, labels: torch.Tensor
) -> None:
    """Exports `model` at batch 1 and writes NAME.pt2, NAME.safetensors and example.json into `folder`.

    The logits are what eager PyTorch gives for one example at a time, as the converted program will be called.
    """
    model.eval()
    logits = torch.cat([model(example[None]) for example in examples])
    accuracy = (logits.argmax(1) == labels).float().mean().item()

    program = torch.export.export(model, (examples[:1].clone(),))
    strip_paths(program)
    torch.export.save(program, folder / f"{name}.pt2")
    assert_portable(folder / f"{name}.pt2")
    save_file({input_name: examples.contiguous(), "labels": labels, "logits": logits}, folder / f"{name}.safetensors")

    (folder / f"{name}.safetensors").chmod(0o644)  # the library writes it for the owner only

    # torch.export.load must give the same program back: the files are only worth keeping if they are right
    loaded = torch.export.load(folder / f"{name}.pt2").module()
    torch.testing.assert_close(torch.cat([loaded(example[None]) for example in examples]), logits, rtol=0, atol=1e-5)

    description = {
        "name": name,
        "pt2": f"{name}.pt2",
        "tests": f"{name}.safetensors",
        "task": "classification",
        "inputs": input_name,
        "labels": "labels",
        "logits": "logits",
        "metric": "accuracy",
        "pytorchAccuracy": round(accuracy, 4),
    }
    (folder / "example.json").write_text(json.dumps(description, indent=2) + "\n")
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print(f"{name}: {parameters} parameters, accuracy {accuracy:.1%} on {len(labels)} held-out examples")
    for suffix in ("pt2", "safetensors"):
        print(f"  {name}.{suffix}: {(folder / f'{name}.{suffix}').stat().st_size} bytes")
