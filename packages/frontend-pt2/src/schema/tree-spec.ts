/** How nested Python containers were flattened into a list of leaves. */
export type TreeSpec =
  | { readonly kind: "leaf" }
  | {
      readonly kind: "node";
      /** Such as `builtins.dict`, or the name under which a class was registered. */
      readonly type: string;
      readonly children: readonly { readonly key: string; readonly spec: TreeSpec }[];
    };

// what lies beyond these limits has no use as names, and crafted specs must not make names that fill the memory
const maxDepth = 50;
const maxNodes = 20_000;
const maxKey = 128;

/**
 * Parses the JSON text of a pytree spec. Gives undefined for text of another form: specs serve for names only.
 * `namedTupleFields` are the field names of the program's named tuples.
 */
export function parseTreeSpec(
  text: string,
  namedTupleFields: ReadonlyMap<string, readonly string[]>,
): TreeSpec | undefined {
  const json = tryParse(text);
  return Array.isArray(json) && json[0] === 1
    ? decode(json[1], { fields: namedTupleFields, left: maxNodes }, maxDepth)
    : undefined;
}

interface Context {
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** How many more nodes are decoded. */
  left: number;
}

function decode(json: unknown, at: Context, depth: number): TreeSpec | undefined {
  if (typeof json !== "object" || json === null || depth === 0 || --at.left < 0) return undefined;
  const {
    type,
    context,
    children_spec: specs,
  } = json as { type?: unknown; context?: unknown; children_spec?: unknown };
  if (!Array.isArray(specs)) return undefined;
  if (type === null) return specs.length === 0 ? { kind: "leaf" } : undefined;
  if (typeof type !== "string") return undefined;
  const keys = childKeys(type, context, specs.length, at.fields);
  const children: { key: string; spec: TreeSpec }[] = [];
  for (const [i, child] of specs.entries()) {
    const spec = decode(child, at, depth - 1);
    if (!spec) return undefined;
    children.push({ key: keys[i]!, spec });
  }
  return { kind: "node", type, children };
}

/** Names of a node's children: keys, fields, or positions where the class says nothing. */
function childKeys(
  type: string,
  context: unknown,
  count: number,
  fields: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const positions = () => Array.from({ length: count }, (_, i) => String(i));
  const fit = (keys: unknown): readonly string[] | undefined =>
    Array.isArray(keys) &&
    keys.length === count &&
    keys.every((k) => typeof k === "string" || typeof k === "number" || typeof k === "boolean")
      ? keys.map((k) => String(k).slice(0, maxKey))
      : undefined;
  if (
    type === "builtins.tuple" ||
    type === "builtins.list" ||
    type === "collections.deque" ||
    typeof context !== "string"
  )
    return positions();
  if (type === "collections.namedtuple") return fit(fields.get(context) ?? fields.get(unquote(context))) ?? positions();
  const parsed = tryParse(context);
  if (Array.isArray(parsed)) return fit(parsed) ?? fit(parsed[0]) ?? positions();
  // collections.defaultdict keeps its keys next to its factory
  if (typeof parsed === "object" && parsed !== null && "dict_context" in parsed)
    return fit(parsed.dict_context) ?? positions();
  return positions();
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unquote(text: string): string {
  const parsed = tryParse(text);
  return typeof parsed === "string" ? parsed : text;
}

/** The keys that lead to each leaf, in flattened order. */
export function leafPaths(spec: TreeSpec): readonly (readonly string[])[] {
  const out: string[][] = [];
  const path: string[] = [];
  const walk = (node: TreeSpec): void => {
    if (node.kind === "leaf") {
      out.push([...path]);
      return;
    }
    for (const child of node.children) {
      path.push(child.key);
      walk(child.spec);
      path.pop();
    }
  };
  walk(spec);
  return out;
}
