import { scalar, sizeOf } from "../../../../base/tensor.ts";
import type { GraphBuilder } from "../../../../graph/builder.ts";
import type { Value } from "../../../../graph/graph.ts";
import * as op from "../../../../graph/operators/index.ts";
import type { LayerCall, LayerRule, LayerRules } from "./layer.ts";

/**
 * Query, value and key, in Keras's order; without a key the value is it.
 * @throws UserError where masks or scores are asked for, which no network of pictures needs
 */
function attended(call: LayerCall): { query: Value; key: Value; value: Value } {
  const { order, inputs, kwargs, refuse } = call;
  for (const [name, argument] of Object.entries(kwargs))
    if (
      /(?<!use_causal_)mask|return_attention_scores/.test(name) &&
      (argument.kind !== "constant" || argument.value)
    )
      throw refuse(`is called with ${name}, which is not known here; export the model as ONNX from Keras.`);
  const named = (name: string, at: number): Value | undefined => {
    const argument = kwargs[name];
    return argument?.kind === "tensor" ? argument.value : inputs[at];
  };
  const [query, value] = [named("query", 0), named("value", 1)];
  if (!query || !value) throw refuse("is called without a query and a value.");
  const key = kwargs.key?.kind === "tensor" ? kwargs.key.value : (inputs[2] ?? value);
  return { query: order.keras(query), key: order.keras(key), value: order.keras(value) };
}

/** Mean of the values `[…, S, D]`, weighed by the softmax of scores `[…, T, S]`. */
const weighed = (g: GraphBuilder, scores: Value, values: Value): Value =>
  op.matMul(g, op.softmax(g, scores), values);

export const lastAxesSwapped = (g: GraphBuilder, x: Value): Value => {
  const axes = x.shape!.map((_, axis) => axis);
  return op.transpose(g, x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
};

/** Scores `[…, T, S]`, the lowest where a query may not look: at what comes after it, or is not within the window. */
function masked({ g, settings }: LayerCall, scores: Value, window?: number): Value {
  const causal = settings.flag("use_causal_mask", false);
  if (!causal && window === undefined) return scores;
  const [queries, keys] = scores.shape!.slice(-2) as [number, number];
  const counted = (shape: readonly number[], axis: number): Value =>
    op.cumSum(g, op.expand(g, g.constant(scalar(1)), shape), axis);
  const [row, column] = [counted([queries, 1], 0), counted([1, keys], 1)];
  const seen = [
    ...(causal ? [op.greaterOrEqual(g, row, column)] : []),
    ...(window === undefined
      ? []
      : [op.less(g, op.abs(g, op.sub(g, row, column)), g.constant(scalar(window)))]),
  ];
  const both = seen.reduce((a, b) => op.and(g, a, b));
  return op.where(g, both, scores, g.constant(scalar(-1e9)));
}

/** Vaswani et al. 2017, section 3.2.2, over all axes between the batch and the channels. */
const multiHeadAttention: LayerRule = (call) => {
  const { g, order, settings, refuse, weight } = call;
  const { query, key, value } = attended(call);
  const heads = settings.whole("num_heads");
  const depth = settings.whole("key_dim");
  const valueDepth = settings.whole("value_dim", depth);
  const places = query.shape!.length - 2;
  const axes = settings.of("attention_axes");
  if (axes !== undefined && [axes].flat().length !== places)
    throw refuse(
      `attends along some of ${places} axes alone, which is not known here; export the model as ONNX.`,
    );
  const window = settings.of("sliding_window") === undefined ? undefined : settings.whole("sliding_window");
  if (places > 1 && (window !== undefined || settings.flag("use_causal_mask", false)))
    throw refuse(
      `hides tokens of ${places} axes from each other, which is not known here; export the model as ONNX.`,
    );
  const biased = settings.flag("use_bias", true);

  /** `[N, …, C]` to `[N, heads, T, size]` */
  const projected = (role: string, x: Value, size: number): Value => {
    const channels = x.shape!.at(-1) as number;
    const tokens = op.reshape(g, x, [x.shape![0]!, sizeOf(x.shape!.slice(1, -1) as number[]), channels]);
    const kernel = weight(`${role}/kernel`, [channels, heads, size], flat([channels, heads * size]));
    const product = op.matMul(g, tokens, kernel);
    const y = biased
      ? op.add(g, product, weight(`${role}/bias`, [heads, size], flat([heads * size])))
      : product;
    return op.transpose(g, op.reshape(g, y, [...y.shape!.slice(0, 2), heads, size]), [0, 2, 1, 3]);
  };
  const queries = op.mul(g, projected("query", query, depth), g.constant(scalar(1 / Math.sqrt(depth))));
  const keys = lastAxesSwapped(g, projected("key", key, depth));
  const gate = settings.flag("use_gate", false)
    ? op.sigmoid(g, projected("gate", query, valueDepth))
    : undefined;
  const scores = masked(call, op.matMul(g, queries, keys), window);
  const means = weighed(g, scores, projected("value", value, valueDepth));
  const mixed = gate ? op.mul(g, means, gate) : means;

  const out = [settings.of("output_shape") ?? query.shape!.at(-1)].flat().at(-1) as number;
  const joined = op.transpose(g, mixed, [0, 2, 1, 3]);
  const rows = op.reshape(g, joined, [...joined.shape!.slice(0, 2), heads * valueDepth]);
  const kernel = weight("attention_output/kernel", [heads, valueDepth, out], flat([heads * valueDepth, out]));
  const product = op.matMul(g, rows, kernel);
  const y = biased ? op.add(g, product, weight("attention_output/bias", [out])) : product;
  return order.hold(op.reshape(g, y, [...query.shape!.slice(0, -1), out]));
};

/** Elements as they are, taken for another shape. */
const flat = (shape: readonly number[]) => ({ permutation: undefined, shape });

/** `Σ tanh(factor · (q + k)) · weight` of each query `[N, T, D]` and key `[N, S, D]`. */
function additive(
  g: GraphBuilder,
  query: Value,
  key: Value,
  { factor, weight }: { readonly factor?: Value | undefined; readonly weight?: Value | undefined },
): Value {
  const pairs = op.add(g, op.unsqueeze(g, query, [2]), op.unsqueeze(g, key, [1]));
  const parts = op.tanh(g, factor ? op.mul(g, pairs, factor) : pairs);
  return op.reduceSum(g, weight ? op.mul(g, parts, weight) : parts, [3]);
}

/** @throws UserError unless all of them are sequences, `[N, T, D]` */
function sequences(call: LayerCall): ReturnType<typeof attended> {
  const tensors = attended(call);
  for (const { shape } of Object.values(tensors))
    if (shape!.length !== 3)
      throw call.refuse(`attends to a tensor of ${shape!.length} axes; it takes 3, the batch with them.`);
  return tensors;
}

/** Luong et al. 2015: scores are products of queries `[N, T, D]` and keys `[N, S, D]`, or sums of what is between them. */
const attention: LayerRule = (call) => {
  const { g, order, settings, weight } = call;
  const { query, key, value } = sequences(call);
  const mode = settings.choice("score_mode", ["dot", "concat"], "dot");
  const factor = settings.flag("use_scale", false) ? weight("scale", []) : undefined;
  if (mode === "concat") {
    const scores = additive(g, query, key, { factor, weight: weight("concat_score_weight", []) });
    return order.hold(weighed(g, masked(call, scores), value));
  }
  const scores = op.matMul(g, query, lastAxesSwapped(g, key));
  return order.hold(weighed(g, masked(call, factor ? op.mul(g, scores, factor) : scores), value));
};

/** Bahdanau et al. 2015, without layers of its own before. */
const additiveAttention: LayerRule = (call) => {
  const { g, order, settings } = call;
  const { query, key, value } = sequences(call);
  const weight = settings.flag("use_scale", true)
    ? call.weight("scale", [query.shape!.at(-1) as number])
    : undefined;
  return order.hold(weighed(g, masked(call, additive(g, query, key, { weight })), value));
};

export const attentions: LayerRules = {
  AdditiveAttention: additiveAttention,
  Attention: attention,
  MultiHeadAttention: multiHeadAttention,
};
