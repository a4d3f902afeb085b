import { casesOf } from "./cases.ts";
import { checkCases } from "./check-cases.ts";
import { within } from "./close.ts";

checkCases(casesOf("activations"), { same: within(2e-6, 1e-7) });
