import { encode } from "../eval/tensor-data.ts";
import type { Constant } from "../ir/constant.ts";
import { dtypeInfo } from "../ir/dtype.ts";
import { residentData } from "../ir/evaluate-constant.ts";
import type { Graph } from "../ir/graph.ts";
import type { Location } from "../ir/location.ts";
import type { Module } from "../ir/module.ts";
import type { Node } from "../ir/node.ts";
import { showType } from "../ir/type.ts";
import type { Value } from "../ir/value.ts";
import { showAttr, showRaw } from "../op/attr.ts";
import type { Attrs } from "../op/define-op.ts";

/** How constants and locations appear. */
export interface PrintOptions {
  /**
   * `short`: elements of constants with more than eight are left out, so the text does not parse. `full`: all that are in memory, as
   * base64; of others the text keeps what tells them apart, so that it parses and passes treat them alike.
   */
  readonly constants?: "short" | "full";
  /** Whether nodes say where they come from. */
  readonly locations?: boolean;
}

/** The text of a module: symbols, signatures, graphs. {@link parseModule} reads it back when constants are `full`. */
export function printModule(module: Module, o: PrintOptions = {}): string {
  const out: string[] = [];
  for (const [name, r] of module.symbols) out.push(`symbol ${name} in ${r.min}..${r.max === Infinity ? "inf" : r.max}`);
  for (const s of module.signatures) out.push(`signature ${JSON.stringify(s.key)} = @${showName(s.graph)}`);
  for (const g of module.graphs) out.push(printGraph(g, o));
  return `${out.join("\n")}\n`;
}

/** The text of one graph. Values are numbered in order, attributes at their default are left out. */
export function printGraph(graph: Graph, o: PrintOptions = {}): string {
  return new Printer(graph, o).print();
}

const showName = (name: string): string => (/^[\w.$/-]+$/.test(name) ? name : JSON.stringify(name));

class Printer {
  private readonly graph: Graph;
  private readonly options: PrintOptions;
  private readonly names = new Map<Value, string>();
  private readonly taken = new Set<string>();
  private count = 0;
  private readonly lines: string[] = [];
  private readonly printed = new Set<Value>();

  constructor(graph: Graph, options: PrintOptions) {
    this.graph = graph;
    this.options = options;
  }

  print(): string {
    const { graph } = this;
    const inputs = graph.inputs.map((v) => `${this.name(v)}: ${showType(v.type)}`).join(", ");
    const states = graph.states.map(
      (s) => `${this.name(s.value)}: ${showType(s.value.type)} ${JSON.stringify(s.name)} = ${this.constant(s.initial)}`,
    );
    this.lines.push(
      `graph @${showName(graph.name)}(${inputs})${states.length ? ` state(${states.join(", ")})` : ""} {`,
    );
    for (const node of graph.nodes) this.node(node);
    for (const { next } of [...graph.states, ...graph.inputMutations]) this.declare(next);
    for (const v of graph.outputs) this.declare(v);
    const labels = graph.outputs.map(
      (v, i) =>
        `${this.name(v)}${graph.outputNames[i] === undefined ? "" : ` as ${JSON.stringify(graph.outputNames[i])}`}`,
    );
    const next = graph.states.map((s) => this.name(s.next));
    const mutated = graph.inputMutations.map((m) => `${this.name(m.input)} = ${this.name(m.next)}`);
    this.lines.push(
      [
        "  return",
        labels.length ? ` ${labels.join(", ")}` : "",
        next.length ? ` state(${next.join(", ")})` : "",
        mutated.length ? ` inputs(${mutated.join(", ")})` : "",
      ].join(""),
      "}",
    );
    return this.lines.join("\n");
  }

  private name(v: Value): string {
    let n = this.names.get(v);
    if (n === undefined) {
      const own = v.name !== undefined && !/^c?\d+$/.test(v.name);
      const base = own ? v.name! : v.constant ? `c${this.count++}` : `${this.count++}`;
      n = base;
      for (let i = 1; this.taken.has(n); i++) n = `${base}$${i}`;
      this.taken.add(n);
      n = `%${showName(n)}`;
      this.names.set(v, n);
    }
    return n;
  }

  /** Constants appear before their first reader. */
  private declare(v: Value): void {
    if (!v.constant || this.printed.has(v)) return;
    this.printed.add(v);
    this.lines.push(`  ${this.name(v)} = const ${this.constant(v.constant)} : ${showType(v.type)}`);
  }

  private constant(c: Constant): string {
    const data = residentData(c);
    if (!data && this.options.constants === "full") return `elsewhere${JSON.stringify(c.key)}`;
    if (!data) return c.kind === "applied" ? `${c.op.name}(...)` : "...";
    const { kind } = dtypeInfo(data.type.dtype);
    if (data.data.length <= 8) {
      const element = (v: number | bigint): string =>
        kind === "float" || kind === "complex"
          ? showRaw(Number(v))
          : kind === "bool"
            ? v
              ? "true"
              : "false"
            : String(v);
      return `[${Array.from(data.data as ArrayLike<number | bigint>, element).join(", ")}]`;
    }
    return this.options.constants === "full" ? `base64"${toBase64(encode(data))}"` : "...";
  }

  private node(node: Node): void {
    for (const v of node.inputs) this.declare(v);
    const args = Object.values(node.operands_).map((v) =>
      v === undefined
        ? "none"
        : Array.isArray(v)
          ? `(${v.map((x: Value | undefined) => (x ? this.name(x) : "none")).join(", ")})`
          : this.name(v as Value),
    );
    const values = node.attrs as Readonly<Record<string, unknown>>;
    const attrs = Object.entries(node.op.attrs as Attrs)
      .filter(
        ([k, spec]) =>
          !(spec.hasDefault || spec.kind === "optional") || showAttr(spec, values[k]) !== showAttr(spec, spec.default),
      )
      .map(
        ([k, spec]) =>
          `${k} = ${spec.kind === "graph" ? `@${showName(String(values[k]))}` : showAttr(spec, values[k])}`,
      );
    const results = node.results.map((r) => this.name(r)).join(", ");
    const types = node.results.map((r) => showType(r.type)).join(", ");
    const at = this.options.locations === false ? "" : showLocations(node.locations);
    this.lines.push(
      `  ${results ? `${results} = ` : ""}${node.op.name}(${args.join(", ")})${attrs.length ? ` {${attrs.join(", ")}}` : ""} : ${types || "()"}${at}`,
    );
  }
}

function showLocations(locations: readonly Location[]): string {
  const modules = [...new Set(locations.map((l) => l.module).filter((m) => m !== undefined))];
  return modules.length ? ` loc(${modules.map((m) => JSON.stringify(m)).join(", ")})` : "";
}

/** Base64 without Node's Buffer. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8190) text += btoa(String.fromCharCode(...bytes.subarray(i, i + 8190)));
  return text;
}
