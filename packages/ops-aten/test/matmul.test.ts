import { casesOf } from "./cases.ts";
import { checkCases } from "./check-cases.ts";
import { within } from "./close.ts";

checkCases(casesOf("matmul"), { same: within(3e-6) });
