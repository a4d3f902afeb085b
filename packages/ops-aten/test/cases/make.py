"""Writes cases of ATen ops with the results that PyTorch gives: one line of JSON each, read by ../cases.ts.

    from make import Cases, T
    c = Cases("views"); c.add("select.int", T("f32", 2, 3), 1, -1); c.save()
"""
import json, math, os
import torch

DTYPES = {"f32": torch.float32, "f64": torch.float64, "f16": torch.float16, "bf16": torch.bfloat16, "i64": torch.int64, "i32": torch.int32,
          "i16": torch.int16, "i8": torch.int8, "u8": torch.uint8, "bool": torch.bool, "c64": torch.complex64}
NAMES = {v: k for k, v in DTYPES.items()}
generator = torch.Generator().manual_seed(7)


def T(dtype, *shape, low=-9, high=10):
    """A random tensor of small numbers; floats are halves, so that sums are exact."""
    t = torch.randint(low, high, shape, generator=generator)
    if dtype == "bool":
        return t > 0
    if dtype == "u8":
        t = t.abs()
    if dtype == "c64":
        return torch.complex(t.float(), torch.randint(low, high, shape, generator=generator).float())
    return (t / 2 if DTYPES[dtype].is_floating_point else t).to(DTYPES[dtype])


def number(x):
    if isinstance(x, bool):
        return str(int(x))
    if isinstance(x, int):
        return str(x)
    if isinstance(x, complex):
        return f"{number(x.real)} {number(x.imag)}"
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    return repr(x)[:-2] if repr(x).endswith(".0") else repr(x)


def text(t):
    t = t.detach().contiguous()
    return f"{NAMES[t.dtype]}[{','.join(map(str, t.shape))}] {' '.join(number(x) for x in t.flatten().tolist())}".strip()


def attribute(type_name, v):
    if isinstance(v, torch.dtype):
        return NAMES[v]
    if isinstance(v, float):
        return {"float": number(v)}
    if isinstance(v, (list, tuple)):
        return [attribute(type_name, x) for x in v]
    if type_name.startswith("float") and isinstance(v, int):
        return {"float": number(float(v))}
    if isinstance(v, int) and abs(v) > 2**53:
        return {"int": str(v)}
    return v


class Cases:
    def __init__(self, family):
        self.family, self.lines = family, []

    def add(self, name, *args, constants=(), **kwargs):
        namespace, _, line = name.rpartition("::")
        namespace = namespace or "aten"
        packet, _, overload = line.partition(".")
        op = getattr(getattr(getattr(torch.ops, namespace), packet), overload or "default")
        inputs, attrs = {}, {}
        for i, a in enumerate(op._schema.arguments):
            if i < len(args):
                v = args[i]
            elif a.name in kwargs:
                v = kwargs[a.name]
            else:
                continue
            if "Tensor" in str(a.type):
                inputs[a.name] = [None if x is None else text(x) for x in v] if isinstance(v, (list, tuple)) else None if v is None else text(v)
            elif v is not None:
                attrs[a.name] = attribute(str(a.type), v)
        out = op(*args, **kwargs)
        out = [text(x) for x in (out if isinstance(out, (list, tuple)) else [out])]
        case = {"op": f"{namespace}.{line}", "in": inputs, "attrs": attrs, "out": out}
        if constants:
            case["constants"] = list(constants)
        self.lines.append(json.dumps(case, separators=(",", ":")))

    def save(self):
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{self.family}.jsonl"), "w") as f:
            f.write("\n".join(self.lines) + "\n")
        print(self.family, len(self.lines))
