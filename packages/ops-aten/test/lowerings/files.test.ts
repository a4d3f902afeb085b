import { tflitePlugin } from "@tflower/backend-tflite";
import { Compiler } from "@tflower/core";
import { fileTests } from "@tflower/testing/vitest";
import { atenPlugin } from "../../src/index.ts";

fileTests(new URL("./", import.meta.url), { compiler: new Compiler().use(tflitePlugin(), atenPlugin()) });
