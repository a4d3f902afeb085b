"""Writes NAME.onnx for .pt2 files, for convert_onnx2tf.py: python bench/export_onnx.py OUT_DIR X.pt2... Needs torch, onnx and onnxscript."""

import sys
import warnings
from pathlib import Path

import torch

warnings.filterwarnings("ignore")
folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for path in map(Path, sys.argv[2:]):
    program = torch.export.load(path)
    torch.onnx.export(program, (), folder / f"{path.stem}.onnx", dynamo=True, verbose=False, external_data=False)
    print(path.stem, flush=True)
