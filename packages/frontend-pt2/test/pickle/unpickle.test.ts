import { describe, expect, it } from "vitest";
import type { PickleValue } from "../../src/pickle/pickle-value.ts";
import { unpickle } from "../../src/pickle/unpickle.ts";
import { expectCode } from "../support/expect-code.ts";
import { fixtureJson } from "../support/fixture.ts";

const where = { file: "a.pt2", part: "data.pkl" };
const utf8 = new TextEncoder();

/** A pickle of protocol 2 from opcodes: numbers are bytes, strings their text. */
const pickle = (...parts: readonly (number | string)[]): Uint8Array =>
  Uint8Array.from([0x80, 2, ...parts.flatMap((p) => (typeof p === "number" ? [p] : [...utf8.encode(p)]))]);
const text = (s: string) => ["X", utf8.encode(s).length, 0, 0, 0, s] as const;
const read = (...parts: readonly (number | string)[]) => unpickle(pickle(...parts), where);

const list = (...items: PickleValue[]): PickleValue => ({ kind: "list", items });
const tuple = (...items: PickleValue[]): PickleValue => ({ kind: "tuple", items });
const float = (value: number): PickleValue => ({ kind: "float", value });
const bytes = (s: string) => Uint8Array.from(s, (c) => c.charCodeAt(0));

const expected: Readonly<Record<string, PickleValue>> = {
  none: null,
  true: true,
  false: false,
  int: 7,
  byte: 255,
  short: 65535,
  negative: -3,
  int32: 2 ** 31 - 1,
  long: 2 ** 40,
  minlong: -(2n ** 63n),
  huge: 2n ** 100n,
  hugeneg: -(2n ** 100n),
  float: float(1.5),
  whole: float(2),
  inf: float(Infinity),
  text: "äö\n🙂",
  "long text": "x".repeat(300),
  empty: "",
  bytes: bytes("\x00\xff\n"),
  tuple: tuple(1, tuple(2, 3), tuple()),
  quad: tuple(1, 2, 3, 4),
  list: list(1, list(2), list()),
  dict: {
    kind: "dict",
    entries: [
      ["a", 1],
      [2, "b"],
      [tuple(1, 2), null],
    ],
  },
  ordered: {
    kind: "dict",
    entries: [
      ["b", 1],
      ["a", 2],
    ],
  },
  set: { kind: "set", items: [5] },
  frozen: { kind: "set", items: [6] },
  complex: { kind: "complex", real: 1, imag: 2 },
  slice: { kind: "slice", items: [1, null, 2] },
  size: tuple(2, 3),
  dtype: { kind: "dtype", dtype: "bf16" },
  device: { kind: "device", device: "cuda:1" },
  layout: { kind: "named", name: "torch.strided" },
  bytearray: bytes("ab"),
  shared: list(list(1), list(1)),
};

describe("unpickle", () => {
  it.each(fixtureJson<readonly { name: string; protocol: number; hex: string }[]>("pickles.json"))(
    "reads $name of protocol $protocol",
    ({ name, hex }) => {
      const value = unpickle(new Uint8Array(Buffer.from(hex, "hex")), where);
      expect(value).toEqual(expected[name]);
      // what Python shares stays shared
      if (name === "shared" && typeof value === "object" && value !== null && "items" in value)
        expect(value.items[0]).toBe(value.items[1]);
    },
  );

  it("reads a tensor without touching its bytes", () => {
    const storage = [
      "(",
      ...text("storage"),
      "ctorch\nFloatStorage\n",
      ...text("0"),
      ...text("cpu"),
      "K",
      6,
      "tQ",
    ] as const;
    const tensor = [
      "ctorch._utils\n_rebuild_tensor_v2\n",
      "(",
      ...storage,
      "K",
      1,
      "K",
      2,
      "K",
      2,
      0x86,
      "K",
      2,
      "K",
      1,
      0x86,
      0x89,
      "ccollections\nOrderedDict\n",
      ")R",
      "tR",
    ] as const;
    expect(read(...tensor, ".")).toEqual({
      kind: "tensor",
      storage: { kind: "storage", key: "0", dtype: "f32", count: 6 },
      dtype: "f32",
      sizes: [2, 2],
      strides: [2, 1],
      storageOffset: 1,
      requiresGrad: false,
      isParam: false,
    });
    expect(read("ctorch._utils\n_rebuild_parameter\n", "(", ...tensor, 0x88, "NtR", ".")).toMatchObject({
      kind: "tensor",
      isParam: true,
      requiresGrad: true,
    });
  });

  it("refuses a tensor whose bytes are not its values", () => {
    const storage = [
      "(",
      ...text("storage"),
      "ctorch\nComplexFloatStorage\n",
      ...text("0"),
      ...text("cpu"),
      "K",
      6,
      "tQ",
    ] as const;
    const marked = [
      "ctorch._utils\n_rebuild_tensor_v2\n",
      "(",
      ...storage,
      "K",
      0,
      ")",
      ")",
      0x89,
      "N",
      "}",
      ...text("conj"),
      0x88,
      "s",
      "tR.",
    ] as const;
    return expectCode("IMP0019", () => read(...marked), /resolve_conj/);
  });
});

describe("a tensor subclass", () => {
  const storage = (key: string) =>
    ["(", ...text("storage"), "ctorch\nCharStorage\n", ...text(key), ...text("cpu"), "K", 6, "tQ"] as const;
  const tensor = [
    "ctorch._utils\n_rebuild_tensor_v2\n",
    "(",
    ...storage("0"),
    "K",
    0,
    "K",
    6,
    0x85,
    "K",
    1,
    0x85,
    0x89,
    "N",
    "tR",
  ] as const;
  const make = (type: string, ...state: readonly (number | string)[]) =>
    [
      ...["ctorch._tensor\n_rebuild_from_type_v2\n", "(", "ctorch._utils\n_rebuild_wrapper_subclass\n", type],
      ...["(", type, "ctorch\nfloat32\n", "K", 6, 0x85, "K", 1, 0x85, "t"],
      ...["}", "(", ...state, "u", "tR"],
    ] as const;
  const ours = "ctorchao.quantization\nInt8Tensor\n";

  it("of torchao is read as its parts; what else it holds is but a name", () => {
    const mode = ["ctorchao.quantization\nMode\n", "K", 1, 0x85, "R"] as const;
    const options = ["ctorchao.quantization\nOptions\n", ")", 0x81, "}", ...text("a"), "K", 1, "s", "b"] as const;
    const value = read(
      ...make(
        ours,
        ...text("qdata"),
        ...tensor,
        ...text("mode"),
        ...mode,
        ...text("options"),
        ...options,
        ...text("type"),
        "ctorch\nint4\n",
      ),
      ".",
    );
    expect(value).toMatchObject({
      kind: "subclass",
      class: "torchao.quantization.Int8Tensor",
      dtype: "f32",
      sizes: [6],
      state: [
        ["qdata", { kind: "tensor", dtype: "i8" }],
        ["mode", { kind: "object", class: "torchao.quantization.Mode" }],
        ["options", { kind: "object", class: "torchao.quantization.Options" }],
        ["type", { kind: "named", name: "torch.int4" }],
      ],
    });
  });

  it("of any other class is refused", async () => {
    await expectCode("IMP0016", () => read(...make("c__main__\nMine\n"), "."), /__main__\.Mine/);
    const plain = [
      "ctorch._tensor\n_rebuild_from_type_v2\n",
      "(",
      "ctorch._utils\n_rebuild_tensor_v2\n",
      ours,
      "(",
      "tN",
      "tR.",
    ] as const;
    await expectCode("IMP0016", () => read(...plain), /Int8Tensor.*only Python knows/);
    await expectCode(
      "IMP0015",
      () =>
        read(
          "ctorch._tensor\n_rebuild_from_type_v2\n",
          "(",
          "ctorch._utils\n_rebuild_wrapper_subclass\n",
          ours,
          ")NtR.",
        ),
      /no state/,
    );
  });
});

describe("a pickle that asks for anything else", () => {
  it.each<[string, RegExp]>([
    ["os\nsystem", /os\.system.*nothing is run/],
    ["builtins\neval", /builtins\.eval/],
    ["__builtin__\ngetattr", /builtins\.getattr/],
    ["torch\nload", /torch\.load/],
    ["torch._utils\n_rebuild_qtensor", /eager quantization/],
    ["torch._utils\n_rebuild_sparse_tensor", /to_dense/],
    ["torchaos.dtypes\nX", /torchaos\.dtypes\.X/],
    ["torch._export.serde.serialize\n_reconstruct_fake_tensor", /fake or meta/],
    ["__main__\nMyInputs", /__main__\.MyInputs/],
    ["constructor\nprototype", /constructor\.prototype/],
    ["torch\n__proto__", /torch\.__proto__/],
  ])("such as %j is refused by name", (name, pattern) => expectCode("IMP0016", () => read(`c${name}\n`, "."), pattern));

  it("is refused through every opcode that names things", async () => {
    await expectCode("IMP0016", () => read(...text("os"), ...text("system"), 0x93, "."), /os\.system/);
    for (const opcode of ["i", "o", 0x82, 0x83, 0x84, "P", 0x97, 0x98])
      await expectCode("IMP0015", () => read("(", opcode, "os\nsystem\n."), /opcode/);
  });

  it("cannot call what it may only name", async () => {
    await expectCode("IMP0015", () => read("ctorch\nFloatStorage\n", ")R."), /cannot be called/);
    await expectCode("IMP0015", () => read("ctorch\nfloat32\n", ")R."), /cannot be called/);
    await expectCode("IMP0015", () => read("K", 1, ")R."), /cannot be called/);
    await expectCode("IMP0015", () => read("ctorch\nSize\n", "K", 1, "R."), /no tuple/);
    await expectCode("IMP0015", () => read("ctorch\nSize\n", ")R", "}b."), /sets the state/);
  });
});

describe("a malformed pickle", () => {
  it.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array(0)],
    ["text", utf8.encode("hello")],
    ["protocol 0", utf8.encode("I1\n.")],
    ["protocol 9", Uint8Array.of(0x80, 9, 0x4e, 0x2e)],
    ["no end", pickle("N")],
    ["nothing to give", pickle(".")],
    ["values left over", pickle("NN.")],
    ["a missing mark", pickle("N", "t", ".")],
    ["a mark for a value", pickle("(", ".")],
    ["an unknown opcode", pickle(0xff)],
    ["a cut integer", pickle("J", 1, 2)],
    ["a cut text", pickle("X", 255, 255, 255, 255, "abc")],
    ["a huge text", pickle(0x8d, 255, 255, 255, 255, 255, 255, 255, 255)],
    ["a huge frame", pickle(0x95, 255, 255, 255, 255, 255, 255, 255, 255)],
    ["a huge integer", pickle(0x8b, 255, 255, 255, 255)],
    ["a missing memo", pickle("h", 9, ".")],
    ["half a pair", pickle("}", "(", "K", 1, "u", ".")],
    ["items for a number", pickle("K", 1, "(", "K", 1, "e.")],
    ["items for a tuple", pickle(")", "K", 1, "a.")],
    ["keys for a list", pickle("]", "K", 1, "K", 1, "s.")],
    ["a cut global", pickle("ctorch\nSize")],
    ["a global of numbers", pickle("K", 1, "K", 1, 0x93, ".")],
    ["an id that is no storage", pickle("K", 1, "Q.")],
    [
      "a storage of another class",
      pickle("(", ...text("storage"), "ctorch\nSize\n", ...text("0"), ...text("cpu"), "K", 6, "tQ."),
    ],
    [
      "a tensor without a storage",
      pickle("ctorch._utils\n_rebuild_tensor_v2\n", "(", "N", "K", 0, ")", ")", 0x89, "N", "tR."),
    ],
    [
      "a negative size",
      pickle(
        "ctorch._utils\n_rebuild_tensor_v2\n",
        "(",
        "(",
        ...text("storage"),
        "ctorch\nFloatStorage\n",
        ...text("0"),
        ...text("cpu"),
        "K",
        6,
        "tQ",
        "K",
        0,
        "J",
        255,
        255,
        255,
        255,
        0x85,
        "K",
        1,
        0x85,
        0x89,
        "N",
        "tR.",
      ),
    ],
    ["a dict of odd pairs", pickle("ccollections\nOrderedDict\n", "]", "]", "a", 0x85, "R.")],
  ])("with %s is refused", (_, data) => expectCode("IMP0015", () => unpickle(data, where), /data\.pkl/, /byte \d+/));

  it("that contains itself is read, and does no harm", () => {
    const value = read("]", "q", 0, "h", 0, "a.") as { items: PickleValue[] };
    expect(value.items[0]).toBe(value);
  });

  it("nested a million deep is read in bounded stack", () => {
    const depth = 1_000_000;
    const data = new Uint8Array(2 + depth + 1 + depth + 1);
    data.set([0x80, 2]);
    data.fill(0x5d, 2, 2 + depth + 1);
    data.fill(0x61, 2 + depth + 1, 2 + depth + 1 + depth);
    data[data.length - 1] = 0x2e;
    expect(unpickle(data, where)).toMatchObject({ kind: "list" });
  });

  it("cannot make much of little", async () => {
    // a list of 1000 items, copied again and again by 5 bytes each
    const items = Array.from({ length: 1000 }, () => 0x4e);
    const copy = ["h", 0, "h", 1, 0x85, "R"] as const;
    const copies = Array.from({ length: 10_000 }, () => copy).flat();
    await expectCode(
      "IMP0007",
      () => read("c__builtin__\ntuple\n", "q", 0, "]", "q", 1, "(", ...items, "e", ...copies, "."),
      /copies more than/,
    );
    await expectCode("IMP0007", () => unpickle(new Uint8Array(65 * 2 ** 20), where));
    // a call of a call of a call
    const nest = [
      "ctorch._tensor\n_rebuild_from_type_v2\n",
      "(",
      "ctorch._tensor\n_rebuild_from_type_v2\n",
      "N",
      ")",
      "N",
      "tR.",
    ] as const;
    await expectCode("IMP0015", () => read(...nest), /made by/);
  });
});
