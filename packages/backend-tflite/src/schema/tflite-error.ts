/** What is wrong with a `.tflite`, or with a description of one. */
export class TfliteError extends Error {
  override readonly name = "TfliteError";
}
