import { checkLowering, problemOf } from "@tflower/testing";
import { writeFileSync } from "node:fs";
import { test } from "vitest";
import * as a from "../src/lower/arithmetic.ts";
import * as b from "../src/lower/binary-functions.ts";
import * as c from "../src/lower/clamp.ts";
import * as d from "../src/lower/comparison.ts";
import * as e from "../src/lower/division.ts";
import * as f from "../src/lower/float-functions.ts";
import * as g from "../src/lower/activation.ts";
import * as h from "../src/lower/logical.ts";
import * as i from "../src/lower/power.ts";
import * as j from "../src/lower/rounding.ts";
import * as k from "../src/lower/select.ts";
import * as l from "../src/lower/sign.ts";
import * as m from "../src/lower/special.ts";
import * as n from "../src/lower/gating.ts";
import * as o from "../src/lower/loss.ts";
import * as p from "../src/lower/cast.ts";
import * as q from "../src/lower/triangular.ts";
import * as r from "../src/lower/creation.ts";
import * as s from "../src/lower/sequences.ts";

test("all", async () => {
  const out: string[] = [];
  for (const file of [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s])
    for (const low of Object.values(file) as any[]) {
      try {
        const report = await checkLowering(low, { runs: 60 });
        const why = problemOf(low, report);
        if (why) out.push(why.slice(0, 1500));
        else out.push(`ok ${low.op.name} ${report.compared}`);
      } catch (err) {
        out.push(`THREW ${low.op.name} ${(err as Error).message.slice(0, 500)}`);
      }
    }
  writeFileSync("/tmp/pw/prop.out", out.join("\n"));
}, 600000);
