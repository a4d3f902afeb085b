import { casesOf } from "./cases.ts";
import { checkClose } from "./check-close.ts";

checkClose(casesOf("resampling"));
