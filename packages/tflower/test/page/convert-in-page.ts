import { convert } from "../../src/index.ts";

/** Converts a program given as a File, runs it on LiteRT, and sends both back. */
try {
  const blob = await (await fetch("/digits_cnn.pt2")).blob();
  const model = await convert(new File([blob], "digits_cnn.pt2"), { wasm: { wasmUrl: "/litert/" } });
  const image = {
    dtype: "f32" as const,
    shape: [1, 1, 8, 8],
    data: Float32Array.from({ length: 64 }, (_, i) => i % 17),
  };
  const [logits] = await model.run([image]);
  const path = await convert("digits_cnn.pt2").catch((e: Error) => e.message);
  const said = { logits: Array.from(logits!.data as Float32Array), path };
  await fetch("/said", { method: "POST", body: JSON.stringify(said) });
  await fetch("/tflite", { method: "POST", body: (await model.bytes()) as Uint8Array<ArrayBuffer> });
} catch (e) {
  await fetch("/said", { method: "POST", body: JSON.stringify({ error: String(e) }) });
}
