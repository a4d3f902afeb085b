// A many-layer decoder as torch.export writes it, made without torch: the program's JSON and the list of its weights.

const dtypes = { f16: 6, f32: 7, i64: 5 };
const bytesOf = { f16: 2, f32: 4 };

/**
 * The program of a decoder with `layers` layers: embedding, attention and a gated MLP in each, and the embedding's matrix again as head.
 * `dtype` is "f32" or "f16". Gives the JSON documents of the archive and its weights in file order.
 */
export function decoderProgram({ layers, dtype, vocabulary, width, hidden, heads, tokens }) {
  const nodes = [];
  const types = {};
  const weights = [];
  const element = dtypes[dtype];
  const ints = (list) => ({ as_ints: list });
  const meta = (sizes, code) => ({
    dtype: code,
    sizes: sizes.map((n) => ({ as_int: n })),
    requires_grad: false,
    device: { type: "cpu", index: null },
    strides: sizes.map((_, i) => ({ as_int: sizes.slice(i + 1).reduce((a, b) => a * b, 1) })),
    storage_offset: { as_int: 0 },
    layout: 7,
  });
  const define = (name, sizes, code = element) => {
    types[name] = meta(sizes, code);
    return name;
  };
  const weight = (fqn, sizes) => {
    const name = define(`p_${fqn.replaceAll(".", "_")}`, sizes);
    weights.push({
      fqn,
      name,
      sizes,
      path: `weight_${weights.length}`,
      bytes: sizes.reduce((a, b) => a * b, bytesOf[dtype]),
    });
    return name;
  };
  let module = "";
  const op = (target, inputs, sizes, result = `v${nodes.length}`) => {
    nodes.push({
      target: `torch.ops.aten.${target}`,
      inputs: Object.entries(inputs).map(([name, v]) => ({
        name,
        arg: typeof v === "string" ? { as_tensor: { name: v } } : v,
        kind: 1,
      })),
      outputs: [{ as_tensor: { name: result } }],
      metadata: { nn_module_stack: `L__self__,,decoder.Decoder;L__${module},${module},decoder.Layer` },
      is_hop_single_tensor_return: null,
      name: result,
    });
    return define(result, sizes);
  };
  const linear = (x, fqn, rows, columns) =>
    op("linear.default", { input: x, weight: weight(fqn, [rows, columns]) }, [1, tokens, rows]);
  const norm = (x, fqn) =>
    op(
      "rms_norm.default",
      { input: x, normalized_shape: ints([width]), weight: weight(fqn, [width]), eps: { as_float: 1e-5 } },
      [1, tokens, width],
    );
  const headsOf = (x) => {
    const split = op("view.default", { self: x, size: ints([1, tokens, heads, width / heads]) }, [
      1,
      tokens,
      heads,
      width / heads,
    ]);
    return op("transpose.int", { self: split, dim0: { as_int: 1 }, dim1: { as_int: 2 } }, [
      1,
      heads,
      tokens,
      width / heads,
    ]);
  };

  const table = weight("embed.weight", [vocabulary, width]);
  define("tokens", [1, tokens], dtypes.i64);
  let x = op("embedding.default", { weight: table, indices: "tokens" }, [1, tokens, width]);
  for (let i = 0; i < layers; i++) {
    module = `layers.${i}`;
    const n = norm(x, `${module}.norm1.weight`);
    const [q, k, v] = ["q", "k", "v"].map((which) => headsOf(linear(n, `${module}.${which}.weight`, width, width)));
    const attended = op(
      "scaled_dot_product_attention.default",
      {
        query: q,
        key: k,
        value: v,
        attn_mask: { as_none: true },
        dropout_p: { as_float: 0 },
        is_causal: { as_bool: true },
        // another scale would be folded into the weights of q, and they are to be found again as they are
        scale: { as_float: 1 },
      },
      [1, heads, tokens, width / heads],
    );
    const back = op("transpose.int", { self: attended, dim0: { as_int: 1 }, dim1: { as_int: 2 } }, [
      1,
      tokens,
      heads,
      width / heads,
    ]);
    const joined = op("reshape.default", { self: back, shape: ints([1, tokens, width]) }, [1, tokens, width]);
    x = op("add.Tensor", { self: x, other: linear(joined, `${module}.o.weight`, width, width) }, [1, tokens, width]);
    const m = norm(x, `${module}.norm2.weight`);
    const gate = op("silu.default", { self: linear(m, `${module}.gate.weight`, hidden, width) }, [1, tokens, hidden]);
    const up = op("mul.Tensor", { self: gate, other: linear(m, `${module}.up.weight`, hidden, width) }, [
      1,
      tokens,
      hidden,
    ]);
    x = op("add.Tensor", { self: x, other: linear(up, `${module}.down.weight`, width, hidden) }, [1, tokens, width]);
  }
  module = "head";
  const logits = op("linear.default", { input: norm(x, "norm.weight"), weight: table }, [1, tokens, vocabulary]);

  const inputs = [...weights.map((w) => w.name), "tokens"];
  const leaf = '{"type": null, "context": null, "children_spec": []}';
  const model = {
    graph_module: {
      graph: {
        inputs: inputs.map((name) => ({ as_tensor: { name } })),
        outputs: [{ as_tensor: { name: logits } }],
        nodes,
        tensor_values: types,
        sym_int_values: {},
        sym_bool_values: {},
        is_single_tensor_return: false,
        custom_obj_values: {},
        sym_float_values: {},
      },
      signature: {
        input_specs: [
          ...weights.map((w) => ({ parameter: { arg: { name: w.name }, parameter_name: w.fqn } })),
          { user_input: { arg: { as_tensor: { name: "tokens" } } } },
        ],
        output_specs: [{ user_output: { arg: { as_tensor: { name: logits } } } }],
      },
      module_call_graph: [
        {
          fqn: "",
          signature: {
            inputs: [],
            outputs: [],
            in_spec: `[1, {"type": "builtins.tuple", "context": "null", "children_spec": [{"type": "builtins.tuple", "context": "null", "children_spec": [${leaf}]}, {"type": "builtins.dict", "context": "[]", "children_spec": []}]}]`,
            out_spec: `[1, ${leaf}]`,
            forward_arg_names: ["tokens"],
          },
        },
      ],
      metadata: {},
      treespec_namedtuple_fields: {},
    },
    opset_version: { aten: 10 },
    range_constraints: {},
    schema_version: { major: 8, minor: 20 },
    verifiers: ["TRAINING"],
    torch_version: "2.13.0+cpu",
    guards_code: [],
  };
  const config = Object.fromEntries(
    weights.map((w) => [
      w.fqn,
      { path_name: w.path, is_param: true, use_pickle: false, tensor_meta: meta(w.sizes, element) },
    ]),
  );
  return { model, weights, weightsConfig: { config }, constantsConfig: { config: {} } };
}
