import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { explain } from "../../src/explain/explain.ts";
import { gradients } from "../../src/explain/gradients.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { float, int, type Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { adopt } from "../../src/model/adopt.ts";
import type { Model } from "../../src/model/model.ts";
import { runBatch } from "../../src/model/programs.ts";
import { engine, expectClose, fixture, fixtureNames, oneConv } from "./reference.ts";

type Matrix = number[][];

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, column) => row.reduce((sum, value, k) => sum + value * b[k]![column]!, 0)));

const identity = (size: number): Matrix =>
  Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => Number(row === column)),
  );

const plus = (a: Matrix, b: Matrix): Matrix => a.map((row, y) => row.map((value, x) => value + b[y]![x]!));

/** Of `[1, heads, T, T]` the mean over heads of what `cell` makes of each element. */
function overHeads({ shape, data }: Tensor, cell: (value: number, at: number) => number): Matrix {
  const [, heads, size] = shape as [number, number, number];
  return Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => {
      let sum = 0;
      for (let head = 0; head < heads; head++) {
        const at = (head * size + y) * size + x;
        sum += cell(Number(data[at]), at);
      }
      return sum / heads;
    }),
  );
}

const half = (matrix: Matrix): Matrix => matrix.map((row) => row.map((value) => value / 2));

const rollout = (layers: readonly Tensor[]): Matrix =>
  layers
    .map((layer) =>
      half(
        plus(
          overHeads(layer, (value) => value),
          identity(layer.shape.at(-1)!),
        ),
      ),
    )
    .reduce((below, layer) => product(layer, below));

const timesGradient = (layers: readonly Tensor[], slopes: readonly Tensor[]): Matrix =>
  layers
    .map((layer, at) => overHeads(layer, (value, i) => Math.max(0, value * Number(slopes[at]!.data[i]))))
    .reduce((below, layer) => plus(below, product(layer, below)), identity(layers[0]!.shape.at(-1)!));

/** The values themselves, for one picture. */
async function valuesOf(model: Model, input: Tensor<"float32">, names: readonly string[]): Promise<Tensor[]> {
  const results = await runBatch(
    model,
    { [model.input.name]: input },
    {
      key: `values ${names}`,
      derive: (graph) => {
        const g = new GraphBuilder(graph);
        return g.finish("values", Object.fromEntries(names.map((name) => [name, g.value(name)])));
      },
    },
  );
  return names.map((name) => results[name]!);
}

describe.each(fixtureNames.filter((name) => name.startsWith("vit")))(
  "%s: against the plain loops",
  (name) => {
    test("both methods", async () => {
      const { model, input, target } = await fixture(name);
      const names = model.graph.nodes
        .filter(
          ({ op, outputs }) => op === "Softmax" && model.graph.values.get(outputs[0]!)?.shape?.length === 4,
        )
        .map(({ outputs }) => outputs[0]!);
      expect(names.length).toBe(2);
      const layers = await valuesOf(model, input, names);
      const slopes = await gradients(model, input, { target, wrt: names });
      const expected = {
        "attention-rollout": rollout(layers),
        "attention-gradient": timesGradient(
          layers,
          names.map((value) => slopes.get(value)!),
        ),
      };
      for (const [method, relevance] of Object.entries(expected)) {
        const { raw } = await explain(model, input, { method, target });
        const [height, width] = name === "vit_opset13" ? [4, 4] : [4, 5];
        expectClose(raw, float32([height, width], relevance[0]!.slice(1)), { atol: 1e-6, rtol: 1e-5 });
      }
    });
  },
);

describe("one transformer written in several ways", () => {
  const [C, H, W, HEADS] = [4, 2, 3, 2];
  const [T, D] = [H * W, C / HEADS];
  const values = (seed: string, shape: readonly number[]): Tensor<"float32"> => {
    const source = random(1, seed);
    const size = shape.reduce((a, b) => a * b);
    return float32(
      shape,
      Float32Array.from({ length: size }, () => source.uniform(-2, 2)),
    );
  };
  const picture = values("picture", [1, 3, 2 * H, 2 * W]);

  type Attend = (g: GraphBuilder, q: Value, k: Value, v: Value) => Value;

  /** Softmax and products of `[…, heads, T, D]`. */
  const asProducts =
    (...leading: number[]): Attend =>
    (g, ...parts) => {
      const [q, k, v] = parts.map((part) =>
        op.reshape(g, op.transpose(g, op.reshape(g, part, [1, T, HEADS, D]), [0, 2, 1, 3]), [
          ...leading,
          HEADS,
          T,
          D,
        ]),
      ) as [Value, Value, Value];
      const pairs = op.softmax(g, op.fusedMatMul(g, q, k, { transB: true }));
      const mixed = op.reshape(g, op.matMul(g, pairs, v), [1, HEADS, T, D]);
      return op.reshape(g, op.transpose(g, mixed, [0, 2, 1, 3]), [1, T, C]);
    };

  const asOneNode: Attend = (g, q, k, v) =>
    g.node({
      op: "Attention",
      inputs: [q, k, v],
      attributes: { q_num_heads: int(HEADS), kv_num_heads: int(HEADS), scale: float(1) },
      outputs: [{ dtype: "float32", shape: [1, T, C] }],
    })[0]!;

  /** Two layers of attention over patches of 2×2 pixels, whose mean is read. */
  async function transformer(attend: Attend): Promise<Model> {
    const g = new GraphBuilder();
    const x = g.input("image", "float32", [1, 3, 2 * H, 2 * W]);
    const patches = op.conv(g, x, g.initializer("patch", values("patch", [C, 3, 2, 2])), undefined, {
      strides: [2, 2],
    });
    let tokens = op.transpose(g, op.reshape(g, patches, [1, C, T]), [0, 2, 1]);
    for (const layer of [0, 1]) {
      const parts = ["q", "k", "v"].map((part) =>
        op.matMul(g, tokens, g.initializer(`${layer}.${part}`, values(`${layer}.${part}`, [C, C]))),
      );
      tokens = op.add(g, tokens, attend(g, ...(parts as [Value, Value, Value])));
    }
    const read = op.reduceMean(g, tokens, [1], false);
    const scores = op.matMul(g, read, g.initializer("head", values("head", [C, 2])));
    const graph = { ...g.finish("transformer", { scores }), opset: 23 };
    return { ...(await adopt(graph, "transformer", engine)), source: "transformer", engine };
  }

  test.each([
    ["products of four extents", asProducts(1)],
    ["products of three extents", asProducts()],
    ["Attention nodes", asOneNode],
  ])("%s", async (_, attend) => {
    const plain = await transformer(asProducts(1));
    const names = plain.graph.nodes
      .filter(
        ({ op, outputs }) => op === "Softmax" && plain.graph.values.get(outputs[0]!)?.shape?.length === 4,
      )
      .map(({ outputs }) => outputs[0]!);
    const layers = await valuesOf(plain, picture, names);
    const slopes = await gradients(plain, picture, { target: 1, wrt: names });
    const relevances = {
      "attention-rollout": rollout(layers),
      "attention-gradient": timesGradient(
        layers,
        names.map((value) => slopes.get(value)!),
      ),
    };
    const model = await transformer(attend);
    for (const [method, relevance] of Object.entries(relevances)) {
      const { raw } = await explain(model, picture, { method, target: 1 });
      const mean = relevance[0]!.map((__, at) => relevance.reduce((sum, row) => sum + row[at]!, 0) / T);
      expectClose(raw, float32([H, W], mean), { atol: 1e-6, rtol: 1e-5 });
    }
  });
});

test.each(["attention-rollout", "attention-gradient"])("%s refuses a convnet", async (method) => {
  await expect(
    explain(oneConv(), float32([1, 4, 4], new Float32Array(16)), { method, target: 0 }),
  ).rejects.toThrow(
    `${method} explains vision transformers, whose tokens look at the whole picture; in "toy" there is no such attention, take grad-cam or integrated-gradients.`,
  );
});
