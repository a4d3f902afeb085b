import { tflitePlugin } from "@tflower/backend-tflite";
import {
  Compiler,
  dataConstant,
  type Graph,
  loadConstant,
  Module,
  type OpDef,
  Rewriter,
  runGraph,
  runPasses,
  scalarData,
  type TensorData,
  tensorData,
  type Value,
  verifyModule,
} from "@tflower/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { atenPlugin, functionalize } from "../../src/index.ts";
import * as eager from "./eager.ts";

const compiler = new Compiler().use(tflitePlugin(), atenPlugin());
const opOf = (name: string): OpDef => compiler.knownOps.get(name)!;

/** A step of a random program: numbers that are taken modulo what there is to choose from. */
type Step = readonly [kind: number, tensor: number, a: number, b: number, c: number];

/** A tensor in both worlds. */
interface Pair {
  readonly value: Value;
  readonly eager: eager.Eager;
}

/** Builds the same program as IR and, step by step, as PyTorch would run it. */
class Twin {
  readonly module = new Module();
  readonly graph: Graph = this.module.graph("main");
  readonly tensors: Pair[] = [];
  readonly text: string[] = [];
  private readonly rewriter = new Rewriter(this.graph);

  constructor() {
    this.module.signatures.push({ key: "main", graph: "main" });
  }
  add(value: Value, t: eager.Eager): void {
    this.tensors.push({ value, eager: t });
  }
  private emit(name: string, operands: object, attrs: object = {}): readonly Value[] {
    this.text.push(`${name} ${JSON.stringify(attrs, (_, v) => (typeof v === "bigint" ? Number(v) : v))}`);
    return this.rewriter.create(opOf(name), operands as never, attrs as never).results;
  }
  private view(t: Pair, name: string, attrs: object, e: eager.Eager, result = 0): void {
    this.add(this.emit(name, { self: t.value }, attrs)[result]!, e);
  }

  step([kind, which, a, b, c]: Step): void {
    const t = this.tensors[which % this.tensors.length]!;
    const { shape } = t.eager;
    const rank = shape.length;
    const axis = rank ? a % rank : 0;
    const extent = shape[axis] ?? 0;
    const makers: readonly (() => void)[] = [
      // writes
      () => this.writeNumber(t, "aten.add_.Tensor", (c % 7) - 3, (x, n) => x + n),
      () => this.writeNumber(t, "aten.mul_.Tensor", (c % 5) - 2, (x, n) => x * n),
      () => this.write(t, "aten.relu_", {}, {}, (x) => Math.max(x, 0)),
      () => this.write(t, "aten.zero_", {}, {}, () => 0),
      () => this.write(t, "aten.fill_.Scalar", {}, { value: BigInt(c % 9) }, () => c % 9),
      () => this.writeTensor(t, a, "aten.copy_", "src", (_, y) => y),
      () => this.writeTensor(t, a, "aten.add_.Tensor", "other", (x, y) => x + y),
      () => this.writeTensor(t, b, "aten.sub_.Tensor", "other", (x, y) => x - y),
      // views
      () =>
        void (
          extent > 0 &&
          this.view(t, "aten.select.int", { dim: axis, index: b % extent }, eager.select(t.eager, axis, b % extent))
        ),
      () => {
        if (extent === 0) return;
        const [start, step] = [b % extent, 1 + (c % 2)];
        const end = start + (c % (extent - start + 1));
        this.view(
          t,
          "aten.slice.Tensor",
          { dim: axis, start, end, step },
          eager.slice(t.eager, axis, start, end, step),
        );
      },
      () => {
        if (rank < 2) return;
        const order = [...shape.keys()];
        order.splice(b % rank, 0, ...order.splice(a % rank, 1));
        this.view(t, "aten.permute", { dims: order }, eager.permute(t.eager, order));
      },
      () =>
        void (
          rank < 4 && this.view(t, "aten.unsqueeze", { dim: b % (rank + 1) }, eager.unsqueeze(t.eager, b % (rank + 1)))
        ),
      () => void (extent === 1 && this.view(t, "aten.squeeze.dim", { dim: axis }, eager.select(t.eager, axis, 0))),
      () =>
        void (
          rank >= 2 &&
          this.view(t, "aten.diagonal", { offset: (b % 3) - 1, dim1: 0, dim2: 1 }, eager.diagonal(t.eager, (b % 3) - 1))
        ),
      () => {
        if (rank === 0 || extent === 0) return;
        const size = 1 + (b % extent);
        const k = c % Math.ceil(extent / size);
        this.view(
          t,
          "aten.split.Tensor",
          { split_size: size, dim: axis },
          eager.slice(t.eager, axis, k * size, Math.min((k + 1) * size, extent), 1),
          k,
        );
      },
      () =>
        void (
          extent > 0 &&
          this.view(t, "aten.unbind.int", { dim: axis }, eager.select(t.eager, axis, b % extent), b % extent)
        ),
      () => this.reshape(t),
      () => this.view(t, "aten.alias", {}, t.eager),
      () => this.add(this.emit("aten.dropout", { input: t.value }, { p: 0.5, train: false })[0]!, t.eager),
      // fresh tensors
      () => this.add(this.emit("aten.clone", { self: t.value })[0]!, eager.fresh(shape, eager.elements(t.eager))),
      () =>
        this.add(
          this.emit("aten.neg", { self: t.value })[0]!,
          eager.fresh(
            shape,
            eager.elements(t.eager).map((x) => -x),
          ),
        ),
    ];
    makers[kind % makers.length]!();
  }

  private write(t: Pair, name: string, operands: object, attrs: object, f: (x: number, i: number) => number): void {
    const values = eager.elements(t.eager).map(f);
    this.add(this.emit(name, { self: t.value, ...operands }, attrs)[0]!, t.eager);
    eager.write(t.eager, values);
  }
  private writeNumber(t: Pair, name: string, n: number, f: (x: number, n: number) => number): void {
    this.write(t, name, { other: this.graph.constant(dataConstant(scalarData("f32", n))) }, {}, (x) => f(x, n));
  }
  private writeTensor(
    t: Pair,
    which: number,
    name: string,
    operand: string,
    f: (x: number, y: number) => number,
  ): void {
    const source = this.tensors[which % this.tensors.length]!;
    const fitted = eager.spread(source.eager, t.eager.shape);
    if (!fitted) return;
    const from = eager.elements(fitted);
    this.write(t, name, { [operand]: source.value }, {}, (x, i) => f(x, from[i]!));
  }
  /** As the importer has it: a view, or a copy where the strides leave no choice. */
  private reshape(t: Pair): void {
    const shape = [eager.sizeOf(t.eager.shape)];
    const [view] = this.emit("aten.reshape", { self: t.value }, { shape });
    const contiguous = eager.isContiguous(t.eager);
    this.add(contiguous ? view! : this.emit("aten.clone", { self: view! })[0]!, eager.reshape(t.eager, shape));
  }
}

const numbers = (t: TensorData): number[] => Array.from(t.data as Float32Array, (v) => v + 0);
const step = fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999));

test("a functional program computes what writes through shared memory compute", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      const twin = new Twin();
      const [shapeX, shapeB] = [
        [2, 3, 4],
        [3, 4],
      ];
      const x = Array.from({ length: 24 }, (_, i) => ((i * 7) % 11) - 4);
      const b = Array.from({ length: 12 }, (_, i) => ((i * 5) % 13) - 6);
      const input = eager.fresh(shapeX, x);
      const buffer = eager.fresh(shapeB, b);
      twin.add(twin.graph.input({ dtype: "f32", shape: shapeX }, "x"), input);
      twin.add(twin.graph.constant(dataConstant(tensorData("f32", shapeB, b)), "buffer"), buffer);
      for (const s of steps) twin.step(s);
      twin.graph.outputs = twin.tensors.map((t) => t.value);

      await runPasses(twin.module, [functionalize()], compiler);
      expect(verifyModule(twin.module)).toEqual([]);
      for (const node of twin.graph.nodes) expect(node.op.traits.inplace).toBeUndefined();
      const state = new Map<string, TensorData>();
      const { inputMutations, outputs } = twin.graph;
      twin.graph.outputs = [...outputs, ...inputMutations.map((m) => m.next)];
      const got = await runGraph(twin.graph, [tensorData("f32", shapeX, x)], { state });

      const said = twin.text.join("\n");
      for (const [i, t] of twin.tensors.entries())
        expect({ said, i, v: numbers(got[i]!) }).toEqual({ said, i, v: eager.elements(t.eager).map((v) => v + 0) });
      const after = got[outputs.length];
      expect(after ? numbers(after) : x).toEqual(input.memory.map((v) => v + 0));
      const kept = state.get("buffer") ?? (await loadConstant(dataConstant(tensorData("f32", shapeB, b))));
      expect(numbers(kept)).toEqual(buffer.memory.map((v) => v + 0));
    }),
    { numRuns: 400 },
  );
}, 120_000);
