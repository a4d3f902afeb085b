import type { SymFixed, SymNode, SymVariadic } from "./sym-expr.ts";

/** Functions that take any number of arguments. */
export const variadic: ReadonlyMap<string, SymVariadic> = new Map([
  ["Add", "add"],
  ["Mul", "mul"],
  ["Max", "max"],
  ["Min", "min"],
  ["And", "and"],
  ["Or", "or"],
]);

/** Functions of sympy and of torch.utils._sympy, and how many arguments they take. */
export const fixed: ReadonlyMap<string, readonly [SymFixed, number]> = new Map([
  ["Pow", ["pow", 2]],
  ["PowByNatural", ["pow", 2]],
  ["FloatPow", ["pow", 2]],
  ["FloorDiv", ["floordiv", 2]],
  ["CleanDiv", ["cleandiv", 2]],
  ["CeilDiv", ["ceildiv", 2]],
  ["Mod", ["mod", 2]],
  ["PythonMod", ["mod", 2]],
  ["IntTrueDiv", ["truediv", 2]],
  ["FloatTrueDiv", ["truediv", 2]],
  ["LShift", ["lshift", 2]],
  ["RShift", ["rshift", 2]],
  ["Eq", ["eq", 2]],
  ["Equality", ["eq", 2]],
  ["Ne", ["ne", 2]],
  ["Unequality", ["ne", 2]],
  ["Lt", ["lt", 2]],
  ["StrictLessThan", ["lt", 2]],
  ["Le", ["le", 2]],
  ["LessThan", ["le", 2]],
  ["Gt", ["gt", 2]],
  ["StrictGreaterThan", ["gt", 2]],
  ["Ge", ["ge", 2]],
  ["GreaterThan", ["ge", 2]],
  ["Not", ["not", 1]],
  ["Abs", ["abs", 1]],
  ["floor", ["floor", 1]],
  ["FloorToInt", ["floor", 1]],
  ["ceiling", ["ceil", 1]],
  ["CeilToInt", ["ceil", 1]],
  ["TruncToInt", ["trunc", 1]],
  ["TruncToFloat", ["trunc", 1]],
  ["RoundToInt", ["round", 1]],
  ["ToFloat", ["tofloat", 1]],
  ["Where", ["where", 3]],
  ["ModularIndexing", ["modularindexing", 3]],
] as const);

/** Names that stand for values. */
export const constants: ReadonlyMap<string, SymNode> = new Map<string, SymNode>([
  ["true", { kind: "bool", value: true }],
  ["True", { kind: "bool", value: true }],
  ["false", { kind: "bool", value: false }],
  ["False", { kind: "bool", value: false }],
  ["oo", { kind: "infinity", negative: false }],
  ["int_oo", { kind: "infinity", negative: false }],
]);
/** Calls without arguments that stand for values. */
export const constantCalls: ReadonlyMap<string, SymNode> = new Map<string, SymNode>([
  ["Infinity", { kind: "infinity", negative: false }],
  ["NegativeInfinity", { kind: "infinity", negative: true }],
  ["IntInfinity", { kind: "infinity", negative: false }],
  ["NegativeIntInfinity", { kind: "infinity", negative: true }],
]);

/** Binary operators of the infix form, and how tightly they bind. */
export const binary: ReadonlyMap<string, readonly [SymVariadic | SymFixed | "sub", number]> = new Map([
  ["|", ["or", 2]],
  ["&", ["and", 3]],
  ["==", ["eq", 1]],
  ["!=", ["ne", 1]],
  ["<", ["lt", 1]],
  ["<=", ["le", 1]],
  [">", ["gt", 1]],
  [">=", ["ge", 1]],
  ["<<", ["lshift", 4]],
  [">>", ["rshift", 4]],
  ["+", ["add", 5]],
  ["-", ["sub", 5]],
  ["*", ["mul", 6]],
  ["/", ["truediv", 6]],
  ["//", ["floordiv", 6]],
  ["%", ["mod", 6]],
] as const);
