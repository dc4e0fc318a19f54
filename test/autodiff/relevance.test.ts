import { describe, test } from "vitest";
import { alphaBeta, zPlus } from "../../src/autodiff/relevance/rules/alpha-beta.ts";
import { epsilon } from "../../src/autodiff/relevance/rules/epsilon.ts";
import { flat, wSquare } from "../../src/autodiff/relevance/rules/flat.ts";
import { gamma } from "../../src/autodiff/relevance/rules/gamma.ts";
import { zBox } from "../../src/autodiff/relevance/rules/z-box.ts";
import type { LayerRule } from "../../src/autodiff/relevance/share.ts";
import { float32, scalar, type Tensor } from "../../src/base/tensor.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import { staticShape, type Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { draw, expectNear, propagate } from "./propagate.ts";

/** A layer as a matrix: the weight from each input to each output, undefined where the output does not read the input. */
interface Matrix {
  readonly weights: readonly (readonly (number | undefined)[])[];
  readonly bias: readonly number[];
}

type Shares = (x: readonly number[], w: Matrix, r: readonly number[]) => number[];

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const up = (value: number): number => Math.max(0, value);
const down = (value: number): number => Math.min(0, value);

/** `R_i = Σ_j part_ij / (Σ_i part_ij + offset_j) R_j`, column by column. */
const byParts =
  (
    part: (x: number, w: number, sign: number) => number,
    offset: (b: number, sign: number) => number = () => 0,
    stabilizer = 0,
  ): Shares =>
  (x, { weights, bias }, r) =>
    r.reduce(
      (sums, relevance, j) => {
        const z = total(x.map((value, i) => value * (weights[i]![j] ?? 0))) + bias[j]!;
        const sign = Math.sign(z);
        const parts = x.map((value, i) =>
          weights[i]![j] === undefined ? 0 : part(value, weights[i]![j]!, sign),
        );
        const whole = total(parts) + offset(bias[j]!, sign);
        const share = whole === 0 ? 0 : relevance / (whole + stabilizer * Math.sign(whole));
        return sums.map((sum, i) => sum + parts[i]! * share);
      },
      x.map(() => 0),
    );

const excited = byParts((x, w) => up(x * w), up);
const inhibited = byParts((x, w) => down(x * w), down);
const towards = (sign: number, value: number): number => (sign > 0 ? up(value) : down(value));

/** Each rule as its paper has it, by loops. */
const cases: Readonly<Record<string, readonly [rule: (g: GraphBuilder) => LayerRule, shares: Shares]>> = {
  z: [
    () => epsilon(0),
    byParts(
      (x, w) => x * w,
      (b) => b,
    ),
  ],
  epsilon: [
    () => epsilon(0.25),
    byParts(
      (x, w) => x * w,
      (b) => b,
      0.25,
    ),
  ],
  gamma: [
    () => gamma(0.5),
    byParts(
      (x, w, sign) => x * w + 0.5 * towards(sign, x * w),
      (b, sign) => b + 0.5 * towards(sign, b),
    ),
  ],
  "z+": [() => zPlus, byParts((x, w) => up(x * w))],
  "alpha 1 beta 0": [() => alphaBeta({ alpha: 1, beta: 0, bias: true }), excited],
  "alpha 2 beta 1": [
    () => alphaBeta({ alpha: 2, beta: 1, bias: true }),
    (x, w, r) => {
      const against = inhibited(x, w, r);
      return excited(x, w, r).map((value, i) => 2 * value - against[i]!);
    },
  ],
  "w²": [() => wSquare, byParts((_, w) => w * w)],
  flat: [() => flat, byParts(() => 1)],
  "z-box": [
    (g) => (layer, r) => {
      const bound = (value: number): Value => op.expand(g, g.constant(scalar(value)), staticShape(layer.x));
      return zBox(bound(-3), bound(4))(layer, r);
    },
    byParts((x, w) => x * w + 3 * up(w) - 4 * down(w)),
  ],
};

/** Strided, dilated, padded, in groups: `[1, 4, 6, 5]` by `[6, 2, 3, 2]` to `[1, 6, 4, 2]`. */
const geometry = { strides: [1, 2], dilations: [2, 1], pads: [2, 0, 1, 0], group: 2 };
const [X, W, B] = [draw("x", [1, 4, 6, 5]), draw("w", [6, 2, 3, 2]), draw("b", [6])];
const Y = [1, 6, 5, 2] as const;

function convolutionMatrix(): Matrix {
  const weights = Array.from({ length: 4 * 6 * 5 }, () =>
    new Array<number | undefined>(6 * 5 * 2).fill(undefined),
  );
  for (let m = 0; m < 6; m++)
    for (let row = 0; row < 5; row++)
      for (let column = 0; column < 2; column++)
        for (let c = 0; c < 2; c++)
          for (let k = 0; k < 3; k++)
            for (let l = 0; l < 2; l++) {
              const [y, x] = [row - 2 + 2 * k, 2 * column + l];
              if (y < 0 || y >= 6) continue;
              const channel = c + 2 * Math.floor(m / 3);
              weights[(channel * 6 + y) * 5 + x]![(m * 5 + row) * 2 + column] =
                W.data[((m * 2 + c) * 3 + k) * 2 + l]!;
            }
  return { weights, bias: Array.from({ length: 6 * 5 * 2 }, (_, at) => B.data[Math.floor(at / 10)]!) };
}

describe("each rule by loops over a matrix", () => {
  const start = draw("start", Y);
  const matrix = convolutionMatrix();

  test.for(Object.keys(cases))("%s at a convolution", async (name) => {
    const [rule, shares] = cases[name]!;
    const actual = await propagate(
      X,
      (g, x) => op.conv(g, x, g.constant(W), g.constant(B), geometry),
      (g) => () => rule(g),
      start,
    );
    expectNear(actual, shares([...X.data], matrix, [...start.data]), 1e-4);
  });

  test.for(Object.keys(cases))("%s at a dense layer whose weights are turned", async (name) => {
    const [rule, shares] = cases[name]!;
    const [x, w, b, r] = [draw("d", [1, 1, 1, 6]), draw("e", [4, 6]), draw("f", [4]), draw("h", [1, 4])];
    const actual = await propagate(
      x,
      (g, input) => op.gemm(g, op.reshape(g, input, [1, 6]), g.constant(w), g.constant(b), { transB: true }),
      (g) => () => rule(g),
      r,
    );
    const weights = Array.from({ length: 6 }, (_, i) =>
      Array.from({ length: 4 }, (_, j) => w.data[j * 6 + i]!),
    );
    expectNear(actual, shares([...x.data], { weights, bias: [...b.data] }, [...r.data]), 1e-4);
  });

  test("a transposed convolution goes by the matrix of its convolution, turned", async () => {
    const [x, w, r] = [draw("tx", [1, 2, 2, 2]), draw("tw", [2, 3, 2, 2]), draw("tr", [1, 3, 4, 4])];
    const actual = await propagate(
      x,
      (g, input) => op.convTranspose(g, input, g.constant(w), { strides: [2, 2] }),
      () => () => zPlus,
      r,
    );
    const weights = Array.from({ length: 8 }, () => new Array<number | undefined>(48).fill(undefined));
    for (let c = 0; c < 2; c++)
      for (let place = 0; place < 4; place++)
        for (let m = 0; m < 3; m++)
          for (let k = 0; k < 4; k++) {
            const y = 2 * Math.floor(place / 2) + Math.floor(k / 2);
            const column = 2 * (place % 2) + (k % 2);
            weights[c * 4 + place]![(m * 4 + y) * 4 + column] = w.data[(c * 3 + m) * 4 + k]!;
          }
    expectNear(actual, cases["z+"]![1]([...x.data], { weights, bias: new Array(48).fill(0) }, [...r.data]));
  });
});

test("a product with its weights on the left shares along the other axis", async () => {
  const [x, a] = [draw("lx", [3, 2]), draw("la", [4, 3])];
  const start = draw("lr", [4, 2]);
  const actual = await propagate(
    x,
    (g, input) => op.matMul(g, g.constant(a), input),
    () => () => zPlus,
    start,
  );
  const weights = Array.from({ length: 3 }, (_, i) =>
    Array.from({ length: 4 }, (_, j) => a.data[j * 3 + i]!),
  );
  const column = ({ data }: Tensor<"float32">, at: number): number[] =>
    [...data].filter((_, k) => k % 2 === at);
  const [left, right] = [0, 1].map((at) =>
    cases["z+"]![1](column(x, at), { weights, bias: [0, 0, 0, 0] }, column(start, at)),
  );
  expectNear(
    actual,
    left!.flatMap((value, i) => [value, right![i]!]),
  );
});

test("inputs that cannot be below zero share as those of either sign", async () => {
  const x = draw("px", [1, 4, 6, 5]);
  for (const rule of [zPlus, gamma(0.5), alphaBeta({ alpha: 2, beta: 1, bias: true })]) {
    const by = (rectify: (g: GraphBuilder, x: Value) => Value) =>
      propagate(
        x,
        (g, input) => op.conv(g, rectify(g, input), g.constant(W), g.constant(B), geometry),
        () => () => rule,
        draw("start", Y),
      );
    const zero = (g: GraphBuilder): Value => g.constant(scalar(0));
    const expected = await by((g, input) => op.max(g, input, zero(g)));
    expectNear(await by(op.relu), expected);
    expectNear(await by((g, input) => op.clip(g, input, zero(g), g.constant(scalar(9)))), expected);
    // 0 everywhere but where x is below −9, so that the bound must be looked at.
    const signed = (g: GraphBuilder, v: Value): Value => op.clip(g, v, g.constant(scalar(-9)), zero(g));
    const mirrored = await by((g, input) => op.min(g, input, zero(g)));
    expectNear(await by(signed), mirrored);
  }
});

test("each layer may go by its own rule: Captum's two layers with γ of 1 and 0.25", async () => {
  const first = [-2, 2, 2, 2, 2, 2, 2, 2, 2];
  const actual = await propagate(
    float32([1, 3], [1, 2, 3]),
    (g, x) => {
      const hidden = op.relu(g, op.matMul(g, x, g.constant(float32([3, 3], first))));
      return op.matMul(g, hidden, g.constant(float32([3, 1], [3, 3, 3])));
    },
    () => (layer) => gamma(layer.first ? 1 : 0.25),
  );
  expectNear(actual, [28 / 3, 104 / 3, 52]);
});
