import { casesOf } from "./cases.ts";
import { checkCases } from "./check-cases.ts";

checkCases(casesOf("indexing"));
