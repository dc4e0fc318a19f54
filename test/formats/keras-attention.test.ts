import { expect, test } from "vitest";
import type { Tensor } from "../../src/base/tensor.ts";
import { kerasGraph } from "../../src/formats/keras/graph/keras-graph.ts";
import type { SavedKerasModel } from "../../src/formats/keras/saved-model.ts";
import {
  called,
  checkPictureGradient,
  drawn,
  functional,
  layer,
  outputsOf,
  sequential,
  tensor,
  type Weights,
} from "./keras-model.ts";

/** Two pictures of 6 × 3 grey pixels: six queries of three numbers; they look at four of these, or at nine pairs. */
const [N, T, D, S, PAIRS, E] = [2, 6, 3, 4, 9, 2];
const pictures = drawn("pictures", [N, T, D, 1]);
type Rows = readonly (readonly number[])[];

const rows = (data: ArrayLike<number>, size: number): Rows =>
  Array.from({ length: data.length / size }, (_, row) =>
    Array.from({ length: size }, (_, at) => data[row * size + at]!),
  );
const pictureAt = (n: number): Float32Array => pictures.data.slice(n * T * D, (n + 1) * T * D);

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0);
const plus = (a: Rows, bias: readonly number[]): Rows =>
  a.map((row) => row.map((value, at) => value + bias[at]!));
const times = (a: Rows, b: Rows): Rows =>
  a.map((row) => b[0]!.map((_, column) => row.reduce((sum, value, at) => sum + value * b[at]![column]!, 0)));

/** The mean of the values for each query, weighed by the softmax of its scores where it looks. */
function attended(
  queries: Rows,
  keys: Rows,
  values: Rows,
  score: (query: readonly number[], key: readonly number[]) => number,
  looks: (query: number, key: number) => boolean = () => true,
): Rows {
  return queries.map((query, t) => {
    const weights = keys.map((key, s) => (looks(t, s) ? Math.exp(score(query, key)) : 0));
    const total = weights.reduce((a, b) => a + b);
    return values[0]!.map((_, at) =>
      values.reduce((sum, value, s) => sum + (weights[s]! / total) * value[at]!, 0),
    );
  });
}

async function expectRows(saved: SavedKerasModel, expected: (n: number) => Rows): Promise<void> {
  const [found] = await outputsOf(saved, pictures);
  const numbers = Array.from({ length: N }, (_, n) => expected(n)).flat(2);
  expect(found).toHaveLength(numbers.length);
  for (const [at, value] of numbers.entries()) expect(found![at]).toBeCloseTo(value, 5);
  await checkPictureGradient(saved, pictures);
}

const cut = [
  called("queries", layer("Reshape", { target_shape: [T, D] }), { args: [tensor("picture")] }),
  called("some", layer("Cropping1D", { cropping: [0, T - S] }), { args: [tensor("queries")] }),
  called("pairs", layer("Reshape", { target_shape: [PAIRS, E] }), { args: [tensor("picture")] }),
];

const attention = (type: string, config: object, weights: readonly Tensor<"float32">[], kwargs = {}) =>
  functional(
    [T, D, 1],
    [
      ...cut,
      called("attention", layer(type, config), { args: [[tensor("queries"), tensor("some")]], kwargs }),
    ],
    [["attention", 0, 0]],
    { attention: weights },
  );

const scalar = drawn("scale", [], 0.5, 2);
const factor = scalar.data[0]!;
const along = (n: number): [queries: Rows, some: Rows] => [
  rows(pictureAt(n), D),
  rows(pictureAt(n), D).slice(0, S),
];
/** Each query by the keys up to its own place. */
const before = (query: number, key: number): boolean => key <= query;

test("attention by products, scaled, and without a look at what comes after", async () => {
  await expectRows(attention("Attention", {}, []), (n) => {
    const [queries, some] = along(n);
    return attended(queries, some, some, dot);
  });
  await expectRows(attention("Attention", { use_scale: true }, [scalar], { use_causal_mask: true }), (n) => {
    const [queries, some] = along(n);
    return attended(queries, some, some, (q, k) => factor * dot(q, k), before);
  });
});

test("attention by sums: Attention's own, and AdditiveAttention", async () => {
  const weight = drawn("concat_score_weight", [], 0.5, 2);
  const config = { score_mode: "concat", use_scale: true };
  await expectRows(attention("Attention", config, [scalar, weight]), (n) => {
    const [queries, some] = along(n);
    const score = (q: readonly number[], k: readonly number[]): number =>
      weight.data[0]! * q.reduce((sum, value, at) => sum + Math.tanh(factor * (value + k[at]!)), 0);
    return attended(queries, some, some, score);
  });
  const scale = drawn("scales", [D]);
  await expectRows(attention("AdditiveAttention", {}, [scale], { use_causal_mask: true }), (n) => {
    const [queries, some] = along(n);
    const score = (q: readonly number[], k: readonly number[]): number =>
      q.reduce((sum, value, at) => sum + scale.data[at]! * Math.tanh(value + k[at]!), 0);
    return attended(queries, some, some, score, before);
  });
});

const [HEADS, KEY, VALUE] = [2, 4, 3];

/** What a head takes of a kernel `[in, heads, size]`, and its bias `[heads, size]`, to make of tokens. */
const projected = (x: Rows, kernel: Tensor<"float32">, bias: Tensor<"float32">, head: number): Rows => {
  const size = kernel.shape[2]!;
  const own = rows(kernel.data, HEADS * size).map((row) => row.slice(head * size, (head + 1) * size));
  return plus(times(x, own), [...bias.data.slice(head * size, (head + 1) * size)]);
};

/** Kernels and biases for tokens of so many numbers, in Keras's order. */
function headWeights(query: number, value: number, out: number, gate = false) {
  const pair = (name: string, kernel: number[], bias: number[]) => [
    drawn(`${name}/kernel`, kernel),
    drawn(`${name}/bias`, bias),
  ];
  return {
    query: pair("query", [query, HEADS, KEY], [HEADS, KEY]),
    key: pair("key", [value, HEADS, KEY], [HEADS, KEY]),
    gate: gate ? pair("gate", [query, HEADS, VALUE], [HEADS, VALUE]) : [],
    value: pair("value", [value, HEADS, VALUE], [HEADS, VALUE]),
    out: pair("out", [HEADS, VALUE, out], [out]),
  };
}

function multiHead(
  queries: Rows,
  values: Rows,
  weights: ReturnType<typeof headWeights>,
  looks?: (query: number, key: number) => boolean,
): Rows {
  const heads = Array.from({ length: HEADS }, (_, head) => {
    const by = (x: Rows, [kernel, bias]: Tensor<"float32">[]): Rows => projected(x, kernel!, bias!, head);
    const score = (q: readonly number[], k: readonly number[]): number => dot(q, k) / Math.sqrt(KEY);
    const [q, k, v] = [by(queries, weights.query), by(values, weights.key), by(values, weights.value)];
    const means = attended(q, k, v, score, looks);
    if (weights.gate.length === 0) return means;
    const gate = by(queries, weights.gate);
    return means.map((row, t) => row.map((value, at) => value / (1 + Math.exp(-gate[t]![at]!))));
  });
  const joined = queries.map((_, t) => heads.flatMap((head) => head[t]!));
  const [kernel, bias] = weights.out;
  return plus(times(joined, rows(kernel!.data, kernel!.shape[2]!)), [...bias!.data]);
}

const config = { num_heads: HEADS, key_dim: KEY, value_dim: VALUE };

test("attention of several heads, to tokens of another size, with an output of its own", async () => {
  const weights = headWeights(D, E, 5);
  const saved = functional(
    [T, D, 1],
    [
      ...cut,
      called("heads", layer("MultiHeadAttention", { ...config, output_shape: [5] }), {
        args: [tensor("queries"), tensor("pairs")],
        kwargs: { training: false, attention_mask: null },
      }),
    ],
    [["heads", 0, 0]],
    { heads: Object.values(weights).flat() },
  );
  await expectRows(saved, (n) => multiHead(rows(pictureAt(n), D), rows(pictureAt(n), E), weights));
});

test("attention of several heads to itself: gated, within a window, without a look at what comes after", async () => {
  const weights = headWeights(D, D, D, true);
  const saved = functional(
    [T, D, 1],
    [
      ...cut,
      called("heads", layer("MultiHeadAttention", { ...config, use_gate: true, sliding_window: 3 }), {
        args: [tensor("queries"), tensor("queries")],
        kwargs: { use_causal_mask: true },
      }),
    ],
    [["heads", 0, 0]],
    { heads: Object.values(weights).flat() },
  );
  await expectRows(saved, (n) => {
    const x = rows(pictureAt(n), D);
    return multiHead(x, x, weights, (query, key) => key <= query && query - key < 3);
  });
});

test("attention over all places of a map is that over them as a sequence", async () => {
  const weights = headWeights(E, E, E);
  const self = { args: [tensor("map"), tensor("map")] };
  const map = called("map", layer("Reshape", { target_shape: [3, 3, E] }), { args: [tensor("picture")] });
  const saved = functional(
    [T, D, 1],
    [
      map,
      called("heads", layer("MultiHeadAttention", config), self),
      called("flat", layer("Flatten"), { args: [tensor("heads")] }),
    ],
    [["flat", 0, 0]],
    { heads: Object.values(weights).flat() },
  );
  await expectRows(saved, (n) => {
    const x = rows(pictureAt(n), E);
    return multiHead(x, x, weights);
  });
});

test("a mask of the maker's is refused", () => {
  const kwargs = { attention_mask: tensor("some") };
  expect(() => kerasGraph(attention("Attention", {}, [], kwargs), "net", 32)).toThrow(
    'layer "attention" (Attention) is called with attention_mask, which is not known here',
  );
});

test("EinsumDense: axes named, and left out at either side", async () => {
  const dense = (equation: string, shape: unknown, axes: string, weights: Weights[string]) =>
    sequential(
      [T, D, 1],
      [
        layer("Reshape", { target_shape: [T, D] }),
        layer("EinsumDense", {
          name: "dense",
          equation,
          output_shape: shape,
          bias_axes: axes,
          activation: "tanh",
        }),
      ],
      { dense: weights },
    );
  const [kernel, bias] = [drawn("kernel", [D, 4]), drawn("bias", [4])];
  const tanh = (x: Rows): Rows => x.map((row) => row.map(Math.tanh));
  const expected = (n: number): Rows =>
    tanh(plus(times(rows(pictureAt(n), D), rows(kernel.data, 4)), [...bias.data]));
  await expectRows(dense("abc,cd->abd", [null, 4], "d", [kernel, bias]), expected);
  await expectRows(dense("...x,xy->...y", 4, "y", [kernel, bias]), expected);

  // Over the tokens: [T, 4] for each number of them, with a bias for each of the four.
  const [mixing, offsets] = [drawn("mixing", [T, 4]), drawn("offsets", [4, 1])];
  await expectRows(dense("ab...,bc->ac...", 4, "c", [mixing, offsets]), (n) => {
    const x = rows(pictureAt(n), D);
    return rows(mixing.data, 4)[0]!.map((_, c) =>
      Array.from({ length: D }, (_, d) =>
        Math.tanh(x.reduce((sum, row, t) => sum + row[d]! * mixing.data[t * 4 + c]!, offsets.data[c]!)),
      ),
    );
  });
});
