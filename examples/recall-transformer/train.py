"""Trains a small causal transformer to recall the last value given to a variable, and exports it.

    pip install torch==2.13.0 safetensors
    python examples/recall-transformer/train.py

A sequence is a little program, `c=4 a=7 c=1 b=0 ... ?c`, written as 26 tokens: twelve assignments of a digit to one of
eight variables, then the question. The answer is the digit that the variable holds at the end.
"""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "export_tools"))
from save_example import save_example  # noqa: E402

VARIABLES = 8
DIGITS = 10
ASSIGNMENTS = 12
QUESTION = VARIABLES + DIGITS  # tokens: the variables, then the digits, then the question mark
VOCABULARY = QUESTION + 1
LENGTH = 2 * ASSIGNMENTS + 2

TEST_EXAMPLES = 200
STEPS = 2000
BATCH = 128


class Block(nn.Module):
    """Pre-norm attention that sees only what came before, and a GELU network."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.network_norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 2 * width)
        self.contract = nn.Linear(2 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape
        parts = self.query_key_value(self.attention_norm(x)).chunk(3, dim=-1)
        query, key, value = (part.view(batch, length, self.heads, -1).transpose(1, 2) for part in parts)
        attended = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.project(attended.transpose(1, 2).reshape(batch, length, width))
        return x + self.contract(F.gelu(self.expand(self.network_norm(x))))


class RecallTransformer(nn.Module):
    """[1, 26] int64 tokens -> [1, 10] logits of the digit that follows."""

    def __init__(self, width: int = 48, heads: int = 4, layers: int = 2):
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, width)
        self.positions = nn.Parameter(torch.randn(LENGTH, width) * 0.02)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(layers)))
        self.norm = nn.LayerNorm(width)
        self.classifier = nn.Linear(width, DIGITS)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.blocks(self.tokens(tokens) + self.positions)
        return self.classifier(self.norm(x[:, -1]))


def sample(count: int, random: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Random sequences and their answers; the question is always about a variable that was assigned."""
    variables = torch.randint(VARIABLES, (count, ASSIGNMENTS), generator=random)
    digits = torch.randint(DIGITS, (count, ASSIGNMENTS), generator=random)
    row = torch.arange(count)
    asked = variables[row, torch.randint(ASSIGNMENTS, (count,), generator=random)]
    when = torch.arange(ASSIGNMENTS)
    last = torch.where(variables == asked[:, None], when, -1).amax(1)
    pairs = torch.stack([variables, digits + VARIABLES], 2).flatten(1)
    tokens = torch.cat([pairs, torch.full((count, 1), QUESTION), asked[:, None]], 1)
    return tokens, digits[row, last]


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)  # sums in a fixed order: the same files on every run of one machine
    random = torch.Generator().manual_seed(0)
    # There are 80^12 ways to fill the assignments: the test set, drawn first, is not met again in training.
    tokens, labels = sample(TEST_EXAMPLES, random)

    model = RecallTransformer()
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=STEPS)
    for step in range(STEPS):
        inputs, answers = sample(BATCH, random)
        loss = F.cross_entropy(model(inputs), answers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if (step + 1) % 500 == 0:
            print(f"step {step + 1}: loss {loss.item():.4f}", flush=True)

    save_example(HERE, "recall_transformer", model, "tokens", tokens, labels)


if __name__ == "__main__":
    main()
