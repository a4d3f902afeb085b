import type { Node, Value } from "@tflower/core";

/** Values that must have one scale, as sets: those that nodes with the trait `sameScales` connect. A value that nothing connects is alone. */
export function groupScales(nodes: Iterable<Node>): (v: Value) => Value {
  const parent = new Map<Value, Value>();
  const root = (v: Value): Value => {
    let r = v;
    for (let p = parent.get(r); p && p !== r; p = parent.get(r)) r = p;
    parent.set(v, r);
    return r;
  };
  for (const node of nodes) {
    if (!node.op.traits.sameScales) continue;
    const values = [...node.inputs.filter((v) => !v.constant), ...node.results].filter((v) => v.type.dtype === "f32");
    for (const v of values) {
      const [a, b] = [root(values[0]!), root(v)];
      if (a !== b) parent.set(b, a);
    }
  }
  return root;
}
