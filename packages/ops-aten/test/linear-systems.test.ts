import { casesOf } from "./cases.ts";
import { checkCases } from "./check-cases.ts";
import { within } from "./close.ts";

// elimination in another order rounds otherwise
checkCases(casesOf("linear_systems"), { same: within(2e-4, 2e-5) });
