import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/gradient.ts";
import { bytesOf, float32, int64, scalar, type Tensor } from "../../src/base/tensor.ts";
import { traceShapes } from "../../src/engine/trace.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import {
  type Graph,
  initializerTensor,
  int,
  type Node,
  specialize,
  type Value,
} from "../../src/graph/graph.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import * as op from "../../src/graph/operators/index.ts";
import { shared } from "../shared.ts";
import { engine } from "./finite-differences.ts";

/** What a fixture's case.json says of it, as far as it is read here. */
interface Fixture {
  readonly input: { readonly name: string };
  readonly output: { readonly name: string; readonly logits_value: string; readonly activation: string };
  readonly target_class: number;
  readonly target_layer: { readonly onnx_value: string };
  readonly tensors: Readonly<Record<string, FixtureTensor>>;
}

interface FixtureTensor {
  readonly method?: string;
  readonly initializer?: string;
  readonly atol: number;
  readonly rtol: number;
}

/** Tensors that plain differentiation gives; the others belong to explanation methods and to training. */
const METHODS = ["forward", "gradient", "loss", "parameter gradient"];

const folder = join(shared ?? "", "fixtures");
const names = shared
  ? readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && readdirSync(join(folder, entry.name)).includes("case.json"))
      .map((entry) => entry.name)
  : [];

describe.skipIf(!shared)("whole networks against PyTorch", () => {
  it.for(names)("%s", async (name) => {
    const fixture: Fixture = JSON.parse(readFileSync(join(folder, name, "case.json"), "utf8"));
    const path = join(folder, name, "expected.safetensors");
    const expected = readSafetensors(readFileSync(path), path).tensors as Map<string, Tensor<"float32">>;
    const model = readOnnx(readFileSync(join(folder, name, "model.onnx")), name);

    const actual = new Map(Object.entries(await explained(model, fixture, expected)));
    for (const mode of ["eval", "train"] as const)
      if (expected.has(`${mode}.loss`))
        for (const [key, tensor] of Object.entries(await trained(model, fixture, expected, mode)))
          actual.set(key, tensor);

    const due = Object.entries(fixture.tensors).filter(([, { method }]) => METHODS.includes(method ?? ""));
    expect(due.length).toBeGreaterThanOrEqual(4);
    let worst = 0;
    for (const [key, { atol, rtol }] of due) {
      const error = excess(actual.get(key), expected.get(key)!, atol, rtol);
      expect(error, `${key}: error as a part of its tolerance`).toBeLessThanOrEqual(1);
      worst = Math.max(worst, error);
    }
    if (process.env.FIXTURE_ERRORS)
      console.log(`${name}: ${due.length} tensors, worst ${worst.toFixed(3)} of its tolerance`);
  });
});

/** Logits, the target layer's activation, and the gradients of the target's score. */
async function explained(
  model: Graph,
  { input, output, target_class: target, target_layer: layer }: Fixture,
  expected: ReadonlyMap<string, Tensor>,
): Promise<Record<string, Tensor>> {
  const feeds = { [input.name]: expected.get("input")! };
  const g = new GraphBuilder(await fixed(model, feeds));
  const x = g.value(input.name);
  const logits = g.value(output.logits_value);
  const activation = g.value(layer.onnx_value);
  const outputs: Record<string, Value> = { input_grad: x, activation_grad: activation };
  const seed = (of: Value): Value => {
    const shape = of.shape as number[];
    return g.constant(
      float32(
        shape,
        Float32Array.from({ length: shape[1]! }, (_, at) => Number(at === target)),
      ),
    );
  };
  [outputs.input_grad, outputs.activation_grad] = gradient(g, logits, [x, activation], {
    seed: seed(logits),
  }) as [Value, Value];
  if (output.activation !== "none") {
    const probabilities = g.value(output.name);
    outputs.output = probabilities;
    [outputs.output_input_grad] = gradient(g, probabilities, [x], { seed: seed(probabilities) }) as [Value];
  }
  return run(g, { ...outputs, logits, activation }, feeds);
}

/** Loss and parameter gradients of the batch; in `train` mode batch norms use the batch's own statistics. */
async function trained(
  model: Graph,
  { input, output, tensors }: Fixture,
  expected: ReadonlyMap<string, Tensor<"float32">>,
  mode: "eval" | "train",
): Promise<Record<string, Tensor>> {
  const images = expected.get("train.input")!;
  const batched = mode === "train" ? withBatchStatistics(model) : model;
  const g = new GraphBuilder(await fixed(batched, { [input.name]: images }));
  const names = Object.entries(tensors).flatMap(([key, { initializer }]) =>
    initializer && key.startsWith(`${mode}.grad/`) ? [initializer] : [],
  );
  const feeds: Record<string, Tensor> = { [input.name]: images };
  const parameters = names.map((name) => {
    feeds[name] = initializerTensor(model.initializers.get(name)!);
    return g.promote(name);
  });
  const logits = g.value(output.logits_value);
  const loss = meanLoss(g, logits, expected.get("train.labels")!);
  const slopes = gradient(g, loss, parameters);
  const results = {
    [`${mode}.logits`]: logits,
    [`${mode}.loss`]: op.reshape(g, loss, [1]),
    ...Object.fromEntries(slopes.map((slope, at) => [`${mode}.grad/${names[at]}`, slope])),
  };
  return run(g, results, feeds);
}

/** Mean cross-entropy: of softmax for several logits, of the sigmoid for one. */
function meanLoss(g: GraphBuilder, logits: Value, labels: Tensor<"float32">): Value {
  const [batch, classes] = logits.shape as [number, number];
  const mean = g.constant(scalar(-1 / batch));
  const sum = (terms: Value): Value => op.reduceSum(g, terms, [0, 1]);
  if (classes === 1) {
    const targets = g.constant(float32([batch, 1], labels.data));
    const terms = op.sub(g, op.mul(g, logits, targets), op.softplus(g, logits));
    return op.mul(g, sum(terms), mean);
  }
  const oneHot = Float32Array.from({ length: batch * classes }, (_, at) =>
    Number(labels.data[Math.floor(at / classes)] === at % classes),
  );
  const targets = g.constant(float32([batch, classes], oneHot));
  return op.mul(g, sum(op.mul(g, targets, op.logSoftmax(g, logits))), mean);
}

/** Every batch norm fed with the mean and (biased) variance of its own input instead of the stored ones. */
function withBatchStatistics(graph: Graph): Graph {
  const values = new Map(graph.values);
  const initializers = new Map(graph.initializers);
  const axes = int64([3], [0, 2, 3]);
  initializers.set("axes", { name: "axes", dtype: "int64", shape: axes.shape, bytes: bytesOf(axes) });
  values.set("axes", { name: "axes", dtype: "int64", shape: axes.shape });
  const nodes = graph.nodes.flatMap((norm): Node[] => {
    if (norm.op !== "BatchNormalization") return [norm];
    const [x, scale, bias] = norm.inputs as [string, string, string];
    const made: Node[] = [];
    const node = (op: string, inputs: string[], keepdims?: number): string => {
      const name = `${norm.name}/${op}_${made.length}`;
      const reduced =
        keepdims === undefined
          ? { inputs, attributes: {} }
          : { inputs: [...inputs, "axes"], attributes: { keepdims: int(keepdims) } };
      made.push({ name, op, domain: "", outputs: [name], ...reduced });
      values.set(name, { name, dtype: "float32", shape: undefined });
      return name;
    };
    const centered = node("Sub", [x, node("ReduceMean", [x], 1)]);
    const mean = node("ReduceMean", [x], 0);
    const variance = node("ReduceMean", [node("Mul", [centered, centered])], 0);
    return [...made, { ...norm, inputs: [x, scale, bias, mean, variance] }];
  });
  return { ...graph, nodes, initializers, values };
}

/** The graph with every shape known, for these inputs. */
function fixed(model: Graph, feeds: Record<string, Tensor>): Promise<Graph> {
  const extents: Record<string, number> = {};
  for (const { name, shape } of model.inputs)
    shape?.forEach((dim, axis) => {
      if (typeof dim === "string") extents[dim] = feeds[name]!.shape[axis]!;
    });
  return traceShapes(engine, specialize(model, extents), feeds);
}

/** Runs the graph; `result.` keeps an output's name from one that the network has already. */
async function run(
  g: GraphBuilder,
  outputs: Record<string, Value>,
  feeds: Record<string, Tensor>,
): Promise<Record<string, Tensor>> {
  const unique = Object.entries(outputs).map(([key, value]) => [`result.${key}`, value] as const);
  const program = await engine.compile(g.finish("fixture", Object.fromEntries(unique)));
  const results = await program.run(feeds);
  await program.dispose();
  return Object.fromEntries(
    Object.entries(results).map(([key, tensor]) => [key.slice("result.".length), tensor]),
  );
}

/** The largest error of any element as a part of what its tolerance allows. */
function excess(actual: Tensor | undefined, expected: Tensor<"float32">, atol: number, rtol: number): number {
  if (String(actual?.shape) !== String(expected.shape)) return Number.POSITIVE_INFINITY;
  const errors = expected.data.map(
    (value, at) => Math.abs(Number(actual!.data[at]) - value) / (atol + rtol * Math.abs(value)),
  );
  // NaN becomes infinite, so that it fails.
  return errors.reduce(
    (worst, error) => Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error),
    0,
  );
}
