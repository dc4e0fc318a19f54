import { describe, expect, it } from "vitest";
import { differenceRules } from "../../src/autodiff/difference/rules.ts";
import { twins } from "../../src/autodiff/difference/twins.ts";
import { gradient } from "../../src/autodiff/gradient.ts";
import type { Random } from "../../src/base/random.ts";
import { float32, sizeOf, type Tensor } from "../../src/base/tensor.ts";
import { traceShapes } from "../../src/engine/trace.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { type Graph, OPSET, staticShape, type Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { cases } from "./cases.ts";
import { type Case, checkGradients, engine } from "./finite-differences.ts";

/** Operators with an exact rule, and which of their inputs change: the first, unless it says that all do. */
const first = [
  ..."Abs Exp Log Sqrt Reciprocal Erf Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh".split(" "),
  ..."Relu LeakyRelu PRelu Elu Selu Celu Clip ThresholdedRelu Shrink Softplus Softsign".split(" "),
  ..."Sigmoid HardSigmoid Tanh Gelu HardSwish Mish Swish Pow Softmax LogSoftmax".split(" "),
  ..."BiasGelu FastGelu Gelu QuickGelu".split(" ").map((name) => `com.microsoft.${name}`),
  ..."Neg Identity Dropout Cast CastLike CumSum ReduceSum ReduceMean ReduceMax ReduceMin ReduceSumSquare".split(
    " ",
  ),
  ..."DepthToSpace Expand Flatten Reshape SpaceToDepth Split Squeeze Tile Transpose Unsqueeze".split(" "),
  ..."Gather GatherElements GatherND Slice Pad Resize Trilu AveragePool GlobalAveragePool".split(" "),
  ..."MaxPool GlobalMaxPool LRN GroupNormalization InstanceNormalization".split(" "),
  ..."LayerNormalization RMSNormalization SimplifiedLayerNormalization Conv ConvTranspose Gemm".split(" "),
];
const every = "Add Sub Sum Mean Mul Div Max Min MatMul com.microsoft.FusedMatMul Concat Where".split(" ");

const runs = Number(process.env.FD_RUNS ?? 4);

describe("multipliers add up to the difference, and are the gradient where there is none", () => {
  it.for([...first, ...every])("%s", { timeout: 1000 * runs }, (name) =>
    checkGradients(cases[name]!, {
      runs,
      check: (test, source) => checkDifference(test, source, every.includes(name)),
    }),
  );
});

describe("operators without a rule", () => {
  it.for(["Attention", "TopK", "ReduceProd", "LpPool", "com.microsoft.FusedConv"])("%s", async (name) => {
    const refused = checkGradients(cases[name]!, {
      runs: 1,
      check: (test, source) => checkDifference(test, source, false),
    });
    const message = `There is no rule for differences of the operator ${name} (node "`;
    await expect(refused).rejects.toMatchObject({ cause: { message: expect.stringContaining(message) } });
  });
});

/** The case as a function of a single vector, from which those of its inputs that change are cut. */
async function functionOf(test: Case, all: boolean): Promise<{ graph: Graph; x: Tensor<"float32"> }> {
  const changing = Object.entries(test.inputs).slice(0, all ? undefined : 1);
  const data = changing.flatMap(([, tensor]) => [...tensor.data]);
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [data.length]);
  let end = 0;
  const inputs = Object.entries(test.inputs).map(([name, tensor]): [string, Value] => {
    if (!changing.some(([other]) => other === name)) return [name, g.constant(tensor)];
    const start = end;
    end += sizeOf(tensor.shape);
    return [name, op.reshape(g, op.slice(g, x, [0], [start], [end]), tensor.shape)];
  });
  const outputs = [test.build(g, Object.fromEntries(inputs))].flat() as Value[];
  const graph = g.finish("function", Object.fromEntries(outputs.map((value, at) => [`y${at}`, value])));
  const feed = { x: float32([data.length], data) };
  return { graph: await traceShapes(engine, { ...graph, opset: test.opset ?? OPSET }, feed), x: feed.x };
}

async function checkDifference(test: Case, source: Random, all: boolean): Promise<void> {
  const { graph, x } = await functionOf(test, all);
  // The same numbers in another order, so that all of them are ones that the operator takes.
  const reference = float32(x.shape, source.shuffle([...x.data]));
  const g = new GraphBuilder(graph);
  const y = g.value(graph.outputs[0]!.name);
  const shape = staticShape(y);
  const weights = float32(
    shape,
    Array.from({ length: sizeOf(shape) }, () => source.uniform(-1, 1)),
  );
  const seed = g.constant(weights);
  const pair = twins(g, y, { value: g.value("x"), reference: g.input("x0", "float32", x.shape) });
  const [multipliers] = gradient(g, pair.of.value, [g.value("x")], { seed, rules: differenceRules(pair) });
  const [slope] = gradient(g, y, [g.value("x")], { seed });
  const outputs = {
    multipliers: multipliers!,
    slope: slope!,
    value: pair.of.value,
    before: pair.of.reference,
  };
  const named = Object.entries(outputs).map(([key, value]) => [`result/${key}`, value]);
  const program = await engine.compile(g.finish("difference", Object.fromEntries(named)));
  const run = async (x0: Tensor): Promise<(key: keyof typeof outputs) => Float64Array> => {
    const results = await program.run({ x, x0 });
    return (key) => Float64Array.from(results[`result/${key}`]!.data, Number);
  };
  try {
    const there = await run(reference);
    const changes = x.data.map((value, at) => value - reference.data[at]!);
    const claimed = sum(there("multipliers"), (m, at) => m * changes[at]!);
    const [value, before] = [there("value"), there("before")];
    const actual = sum(value, (y1, at) => weights.data[at]! * (y1 - before[at]!));
    const terms =
      sum(there("multipliers"), (m, at) => Math.abs(m * changes[at]!)) +
      sum(value, (y1, at) => Math.abs(weights.data[at]!) * (Math.abs(y1) + Math.abs(before[at]!)));
    // Written so that NaN fails too.
    if (!(Math.abs(claimed - actual) <= 1e-5 * terms + 1e-6))
      throw new Error(`the multipliers make ${claimed} of a difference of ${actual}`);
    const here = await run(x);
    const slopes = here("slope");
    const scale = sum(slopes, Math.abs) / slopes.length;
    for (const [at, m] of here("multipliers").entries())
      if (!(Math.abs(m - slopes[at]!) <= 1e-3 * Math.abs(slopes[at]!) + 1e-4 * scale + 1e-6))
        throw new Error(`without a difference the multiplier is ${m} where the gradient is ${slopes[at]}`);
  } finally {
    await program.dispose();
  }
}

const sum = (values: Float64Array, term: (value: number, at: number) => number): number =>
  values.reduce((total, value, at) => total + term(value, at), 0);
