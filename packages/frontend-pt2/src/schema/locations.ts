import type { Frame } from "@tflower/core";

const frameLine = /^\s*File "(.*)", line (\d+)(?:, in (.*))?$/;

/**
 * Parses a node's `stack_trace`, innermost frame last. Frames of code that torch generated (`<eval_with_key>`) are left
 * out: nobody can look at them.
 */
export function parseStackTrace(text: string): Frame[] {
  const frames: Frame[] = [];
  let source: string[] | undefined;
  let open: { file: string; line: number; function?: string } | undefined;
  const close = (): void => {
    if (open && !open.file.startsWith("<eval_with_key>"))
      frames.push({ ...open, ...(source?.length && { source: source.join("\n") }) });
  };
  for (const line of text.split("\n")) {
    const m = frameLine.exec(line);
    if (m) {
      close();
      open = { file: m[1]!, line: Number(m[2]), ...(m[3] !== undefined && { function: m[3] }) };
      source = [];
    } else if (open && line.trim() !== "" && !/^\s*[~^]+\s*$/.test(line)) source?.push(line.trim());
  }
  close();
  return frames;
}

/** A module on the way from the root to the one that ran an op. */
export interface ModuleFrame {
  /** Name in the module tree, such as `features.0.0`; empty for the root. */
  readonly path: string;
  /** Python class, such as `torch.nn.modules.conv.Conv2d`. */
  readonly class: string;
}

/** Parses a node's `nn_module_stack`, innermost module last. */
export function parseModuleStack(text: string): ModuleFrame[] {
  return text.split(";").flatMap((entry) => {
    // key,path,class; the key repeats the path, with @N for the N-th call
    const first = entry.indexOf(",");
    const last = entry.lastIndexOf(",");
    if (first < 0 || last <= first) return [];
    return [{ path: plainPath(entry.slice(first + 1, last)), class: entry.slice(last + 1) }];
  });
}

/** `L['self'].features[0]._modules['conv']`, as strict export writes some paths, is `features.0.conv`. */
function plainPath(path: string): string {
  const named = path.replace(/^L(?:\['self'\]|__self__)[._]?/, "").replace(/@\d+$/, "");
  if (!named.includes("[")) return named;
  return named
    .replace(/(?:^|\.)_(?:modules|parameters|buffers)(?=\[)/g, "")
    .replace(/\[['"]?([^\]'"]*)['"]?\]/g, ".$1")
    .replace(/^\./, "");
}
