import { casesOf } from "./cases.ts";
import { checkCases } from "./check-cases.ts";
import { within } from "./close.ts";

checkCases(casesOf("special"), { same: within(1e-5, 3e-7) });
