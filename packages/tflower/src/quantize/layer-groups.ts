import type { Compiler, Module, Node } from "@tflower/core";
import { chooseIntegerNodes, fits, type Recipe, type Selector, schemeOf, weightsOf } from "@tflower/quantize";

/** Ops that are quantized, or kept float, together: a module of the user's program, or a part of one. */
export interface LayerGroup {
  /** For people. */
  readonly name: string;
  /** What a rule selects them by. */
  readonly selector: Selector;
  readonly nodes: readonly Node[];
  /** Smaller groups that it is made of; none where it is one op. */
  readonly parts: () => readonly LayerGroup[];
}

const pathOf = (node: Node): readonly string[] => {
  const module = node.locations.find((l) => l.module)?.module;
  return module === undefined ? [] : module.split(".");
};
const literally = (text: string): string =>
  text.replace(/[.+?^*${}()|[\]\\/-]/g, (c) => (c === "/" || c === "-" ? c : `\\${c}`));

/** Nodes that a recipe quantizes by itself; what is between them follows. */
export function quantizedNodes(module: Module, recipe: Recipe, compiler: Compiler): readonly Node[] {
  return module.graphs.flatMap((g) => {
    const integers = chooseIntegerNodes(g, recipe, compiler);
    return [...g.nodes].filter(
      (n) => schemeOf(n, recipe, compiler) !== undefined && (integers.has(n) || weightsOf(n) !== undefined),
    );
  });
}

/** Groups of nodes, by the module they come from: as many as are wanted at most, where the program has such a level. */
export function groupLayers(nodes: readonly Node[], most: number): readonly LayerGroup[] {
  const deepest = Math.max(0, ...nodes.map((n) => pathOf(n).length));
  let best = groupsAt(nodes, 1);
  for (let depth = 2; depth <= deepest; depth++) {
    const groups = groupsAt(nodes, depth);
    if (groups.length > most) break;
    best = groups;
  }
  return best.length === 1 && best[0]!.parts().length > 1 && best[0]!.parts().length <= most ? best[0]!.parts() : best;
}

/** Groups by the first `depth` parts of paths. Nodes whose own path is shorter are a group, too: what a module does itself. */
function groupsAt(nodes: readonly Node[], depth: number): readonly LayerGroup[] {
  const inside = new Map<string, Node[]>();
  const own = new Map<string, Node[]>();
  for (const n of nodes) {
    const path = pathOf(n);
    const into = path.length >= depth ? inside : own;
    const key = path.slice(0, depth).join(".");
    const list = into.get(key);
    if (list) list.push(n);
    else into.set(key, [n]);
  }
  const groups: LayerGroup[] = [];
  for (const [path, all] of inside)
    groups.push({
      name: path,
      selector: { module: path },
      nodes: all,
      parts: () => split(all, depth),
    });
  for (const [path, all] of own)
    groups.push({
      name: path === "" ? "the program itself" : `${path} itself`,
      selector: { regex: `^${literally(path)}$` },
      nodes: all,
      parts: () => single(all),
    });
  return groups;
}

/** The parts of a module: the next level that has several, or else its ops. */
function split(nodes: readonly Node[], depth: number): readonly LayerGroup[] {
  const deepest = Math.max(...nodes.map((n) => pathOf(n).length));
  for (let d = depth + 1; d <= deepest; d++) {
    const groups = groupsAt(nodes, d);
    if (groups.length > 1) return groups;
  }
  return single(nodes);
}

/** More ops than this are grouped by neighbours. */
const mostSingle = 32;

/** Ops one by one, by the names that their results have in a file. */
function single(nodes: readonly Node[]): readonly LayerGroup[] {
  if (nodes.length < 2) return [];
  const step = Math.ceil(nodes.length / mostSingle);
  const groups: LayerGroup[] = [];
  for (let i = 0; i < nodes.length; i += step) {
    const part = nodes.slice(i, i + step);
    const names = part.map(tensorName);
    if (names.some((n) => n === "")) return [];
    const selector = { tensor: `^(${names.map(literally).join("|")})$` };
    // a name that others bear too selects too much
    if (nodes.some((n) => !part.includes(n) && fits(selector, n))) continue;
    groups.push({ name: names.join(", "), selector, nodes: part, parts: () => (part.length > 1 ? single(part) : []) });
  }
  return groups.length > 1 && groups.flatMap((g) => g.nodes).length === nodes.length ? groups : [];
}

function tensorName(node: Node): string {
  const module = node.locations[0]?.module;
  const id = node.locations.findLast((l) => l.id)?.id ?? "";
  return [module, node.results[0]?.name ?? id].filter((x) => x !== undefined && x !== "").join("/");
}
