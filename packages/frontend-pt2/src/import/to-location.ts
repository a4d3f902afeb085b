import type { Location } from "@tflower/core";
import type { ExportNode } from "../schema/exported-program.ts";
import { type ModuleFrame, parseModuleStack, parseStackTrace } from "../schema/locations.ts";

/** Location of a node; the stack trace is parsed when somebody asks for its frames. */
export function toLocation(node: ExportNode): Location {
  const trace = node.metadata.get("stack_trace");
  const module = innermostModule(node.metadata.get("nn_module_stack"));
  return {
    ...(node.name && { id: node.name }),
    ...module,
    ...(trace !== undefined && { frames: () => parseStackTrace(trace) }),
  };
}

const known = new Map<string, { module?: string; moduleClass?: string }>();
/** Thousands of nodes share a few hundred module stacks. */
function innermostModule(stack: string | undefined): { module?: string; moduleClass?: string } {
  if (!stack) return {};
  let found = known.get(stack);
  if (!found) {
    const innermost = stack.slice(stack.lastIndexOf(";") + 1);
    const last = (parseModuleStack(innermost)[0] ?? parseModuleStack(stack).at(-1)) as ModuleFrame | undefined;
    found = last ? { ...(last.path && { module: last.path }), moduleClass: last.class } : {};
    if (known.size > 20_000) known.clear();
    known.set(stack, found);
  }
  return found;
}
