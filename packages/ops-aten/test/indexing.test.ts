import { casesOf } from "./cases.ts";
import { checkCases } from "./check-cases.ts";

// the coordinates of a scalar are rows without columns: there is nothing to compute but how many
const ofScalar = new Set(["aten.nonzero", "aten.argwhere"]);
checkCases(casesOf("indexing"), { refused: (c) => ofScalar.has(c.op.name) && c.expected[0]!.type.shape[1] === 0 });
