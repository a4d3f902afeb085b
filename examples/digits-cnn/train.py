"""Trains a small convolutional net on scikit-learn's handwritten digits and exports it.

    pip install torch==2.13.0 scikit-learn safetensors
    python examples/digits-cnn/train.py
"""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "export_tools"))
from save_example import save_example  # noqa: E402

TEST_EXAMPLES = 200
EPOCHS = 60
BATCH = 64


class ConvNorm(nn.Sequential):
    """A convolution without bias and the batch-norm that a converter can fold into it."""

    def __init__(self, inputs: int, outputs: int, kernel: int, groups: int = 1):
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)
        )


class DigitsCnn(nn.Module):
    """[1, 1, 8, 8] grey values in 0..16 -> [1, 10] logits: plain, depthwise and pointwise convolutions, a residual add."""

    def __init__(self):
        super().__init__()
        self.stem = ConvNorm(1, 16, 3)
        self.depthwise = ConvNorm(16, 16, 3, groups=16)
        self.pointwise = ConvNorm(16, 24, 1)
        self.residual = ConvNorm(24, 24, 3)
        self.head = ConvNorm(24, 32, 3)
        self.dropout = nn.Dropout(0.2)
        self.classifier = nn.Linear(32 * 2 * 2, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.stem(image / 16))
        x = F.relu6(self.depthwise(x))
        x = F.relu(self.pointwise(x))
        x = F.max_pool2d(F.relu(x + self.residual(x)), 2)
        x = F.avg_pool2d(F.relu(self.head(x)), 2)
        return self.classifier(self.dropout(torch.flatten(x, 1)))


def augment(images: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Small rotations, shifts and changes of scale, one per image."""

    def uniform(extent: float) -> torch.Tensor:
        return (torch.rand(len(images), generator=random) * 2 - 1) * extent

    angle, scale, shift_x, shift_y = uniform(0.2), 1 + uniform(0.12), uniform(0.12), uniform(0.12)
    cosine, sine = angle.cos() * scale, angle.sin() * scale
    rows = torch.stack([cosine, -sine, shift_x], 1), torch.stack([sine, cosine, shift_y], 1)
    grid = F.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)  # sums in a fixed order: the same files on every run of one machine
    random = torch.Generator().manual_seed(0)

    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32)[:, None]
    labels = torch.tensor(digits.target, dtype=torch.int64)
    # The data set keeps the order of its writers: its end is harder than a random sample, and nearer to real use.
    train, test = torch.arange(len(images)).split([len(images) - TEST_EXAMPLES, TEST_EXAMPLES])

    model = DigitsCnn()
    steps = EPOCHS * (len(train) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=5e-3, total_steps=steps)
    for epoch in range(EPOCHS):
        model.train()
        shuffled = train[torch.randperm(len(train), generator=random)]
        for start in range(0, len(shuffled) - BATCH + 1, BATCH):
            batch = shuffled[start : start + BATCH]
            loss = F.cross_entropy(model(augment(images[batch], random)), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        if (epoch + 1) % 10 == 0:
            print(f"epoch {epoch + 1}: loss {loss.item():.4f}", flush=True)

    save_example(HERE, "digits_cnn", model, "images", images[test], labels[test])


if __name__ == "__main__":
    main()
