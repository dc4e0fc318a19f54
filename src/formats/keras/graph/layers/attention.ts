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
    if (/mask|return_attention_scores/.test(name) && (argument.kind !== "constant" || argument.value))
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

const lastAxesSwapped = (g: GraphBuilder, x: Value): Value => {
  const axes = x.shape!.map((_, axis) => axis);
  return op.transpose(g, x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
};

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
  for (const name of ["use_gate", "sliding_window"])
    if (settings.of(name)) throw refuse(`has ${name}, which is not known here; export the model as ONNX.`);
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
  const mixed = weighed(g, op.matMul(g, queries, keys), projected("value", value, valueDepth));

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

/** Luong et al. 2015: scores are products of queries `[N, T, D]` and keys `[N, S, D]`. */
const attention: LayerRule = (call) => {
  const { g, order, settings, refuse, weight } = call;
  const { query, key, value } = attended(call);
  const mode = settings.choice("score_mode", ["dot", "concat"], "dot");
  if (mode === "concat")
    throw refuse("scores by concatenation, which is not known here; export the model as ONNX.");
  const scores = op.matMul(g, query, lastAxesSwapped(g, key));
  const scaled = settings.flag("use_scale", false) ? op.mul(g, scores, weight("scale", [])) : scores;
  return order.hold(weighed(g, scaled, value));
};

export const attentions: LayerRules = {
  Attention: attention,
  MultiHeadAttention: multiHeadAttention,
};
