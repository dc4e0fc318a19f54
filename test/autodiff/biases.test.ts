import { describe, it } from "vitest";
import { biasOf } from "../../src/autodiff/biases.ts";
import { gradient } from "../../src/autodiff/gradient.ts";
import type { Random } from "../../src/base/random.ts";
import { float32, sizeOf } from "../../src/base/tensor.ts";
import { traceShapes } from "../../src/engine/trace.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { OPSET, staticShape, type Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { cases } from "./cases.ts";
import { type Case, checkGradients, engine } from "./finite-differences.ts";

/** With several outputs, or none but jumps; what they add is not asked for, or all that they give. */
const others = /^(TopK|Split|Ceil|Floor|Round|Sign|ConstantOfShape|.*QuantizeLinear)$/;
const names = Object.keys(cases).filter((name) => !others.test(name));
const runs = Number(process.env.FD_RUNS ?? 2);

/** As `Σ dy · J x = Σ (Jᵀ dy) · x`, `Σ dy · y` is `Σ dx · x` and what the biases give. */
describe("a node's output is what its slopes make of its inputs, and its bias", () => {
  it.for(names)("%s", { timeout: 5000 * runs }, async (name) => {
    await checkGradients(cases[name]!, { runs, check: (test, source) => checkBias(test, source, 1) });
    await checkGradients(cases[name]!, { runs, check: checkBias });
  });
});

/** @param changing how many of the inputs depend on the picture */
async function checkBias(test: Case, source: Random, changing = 9): Promise<void> {
  const g = new GraphBuilder();
  const entries = Object.entries(test.inputs).map(([name, tensor], at) => {
    const value = at < changing ? g.input(name, "float32", tensor.shape) : g.constant(tensor);
    return [name, value] as const;
  });
  const xs = entries.slice(0, changing).map(([, value]) => value);
  const [y] = [test.build(g, Object.fromEntries(entries))].flat() as [Value];
  const feeds = Object.fromEntries(xs.map(({ name }) => [name, test.inputs[name]!]));
  const written = g.finish("function", { "result/y": y });
  const graph = await traceShapes(engine, { ...written, opset: test.opset ?? OPSET }, feeds);

  const h = new GraphBuilder(graph);
  const shape = staticShape(h.value(y.name));
  const seed = h.constant(
    float32(
      shape,
      Array.from({ length: sizeOf(shape) }, () => source.uniform(-1, 1)),
    ),
  );
  const total = (...factors: Value[]): Value => {
    const product = factors.map((factor) => op.cast(h, factor, "float64")).reduce((a, b) => op.mul(h, a, b));
    return op.reduceSum(
      h,
      product,
      (product.shape ?? []).map((_, axis) => axis),
    );
  };
  const slopes = gradient(h, h.value(y.name), xs, { seed });
  const parts = xs.map((x, at) => total(slopes[at]!, x));
  const changes = new Set(xs.map(({ name }) => name));
  for (const node of graph.nodes.filter(({ name }) => !name.endsWith("/output"))) {
    for (const output of node.outputs) changes.add(output);
    const bias = biasOf(h, node, (name) => changes.has(name));
    const [slope] = gradient(h, h.value(y.name), [h.value(node.outputs[0]!)], { seed });
    if (bias) parts.push(total(slope!, bias));
  }
  const outputs = { whole: total(seed, h.value(y.name)), parts: op.sum(h, ...parts) };
  const sizes = total(op.abs(h, seed), op.abs(h, h.value(y.name)));
  const program = await engine.compile(h.finish("bias", { ...outputs, sizes }));
  try {
    const results = await program.run(feeds);
    const [whole, sum, size] = ["whole", "parts", "sizes"].map((key) => Number(results[key]!.data[0]));
    // Written so that NaN fails too.
    if (!(Math.abs(whole! - sum!) <= 1e-4 * size! + 1e-4)) throw new Error(`${sum} is not ${whole}`);
  } finally {
    await program.dispose();
  }
}
