import { casesOf } from "./cases.ts";
import { checkCases } from "./check-cases.ts";
import { within } from "./close.ts";

checkCases(casesOf("quantization"), { same: within(1e-6, 1e-7) });
