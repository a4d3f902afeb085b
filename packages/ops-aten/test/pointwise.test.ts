import { casesOf } from "./cases.ts";
import { checkCases } from "./check-cases.ts";
import { within } from "./close.ts";

checkCases(casesOf("pointwise"), { same: within(2e-6, 1e-7) });
