type Yaml = string | Yaml[] | { [key: string]: Yaml };

/**
 * The part of YAML that a plain manifest needs: mappings, sequences, and scalars on one line, which stay text. Throws at anything else, so that
 * nothing is understood otherwise than a real parser would.
 */
export function parseManifest(text: string): Yaml {
  const lines = text
    .split("\n")
    .map((line) => ({ indent: line.search(/\S/), text: line.trim() }))
    .filter((l) => l.text !== "" && !l.text.startsWith("#"));
  let at = 0;
  const scalar = (s: string): string => {
    const quoted = /^"([^"\\]*)"$/.exec(s)?.[1];
    if (quoted === undefined && /^["'[\]{}>|*&!%@`?]|: |:$|\s#/.test(s)) throw new SyntaxError(`not understood: ${s}`);
    return quoted ?? s;
  };
  const block = (indent: number): Yaml => {
    const first = lines[at]!;
    if (first.indent !== indent) throw new SyntaxError(`expected ${indent} spaces: ${first.text}`);
    if (first.text.startsWith("- ")) {
      const list: Yaml[] = [];
      while (lines[at]?.indent === indent && lines[at]!.text.startsWith("- ")) {
        const item = lines[at]!.text.slice(2);
        // a mapping may begin on the line of its dash
        lines[at] = { indent: indent + 2, text: item };
        list.push(/^\w+:( |$)/.test(item) ? block(indent + 2) : (at++, scalar(item)));
      }
      return list;
    }
    const map: { [key: string]: Yaml } = {};
    while (lines[at]?.indent === indent && !lines[at]!.text.startsWith("- ")) {
      const [, key, value] = /^(\w+):(?: (.*))?$/.exec(lines[at]!.text) ?? [];
      if (key === undefined || Object.hasOwn(map, key)) throw new SyntaxError(`not understood: ${lines[at]!.text}`);
      at++;
      map[key] = value === undefined ? block(lines[at]!.indent) : scalar(value);
    }
    return map;
  };
  const all = block(0);
  if (at < lines.length) throw new SyntaxError(`not understood: ${lines[at]!.text}`);
  return all;
}
