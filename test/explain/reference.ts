import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import * as op from "../../src/graph/operators/index.ts";
import { adopt } from "../../src/model/adopt.ts";
import { BATCH, type Layer, type Model } from "../../src/model/model.ts";
import { shared } from "../shared.ts";

export const engine: Engine = nodeEngine({ threads: 1 });

/** `|actual − expected| ≤ atol + rtol · |expected|`, each element. */
export interface Tolerance {
  readonly atol: number;
  readonly rtol: number;
}

/** A network of another library's, with the numbers that it gives. */
export interface Fixture {
  readonly name: string;
  /** Its layer to explain at is found by the name that `layer` is. */
  readonly model: Model;
  readonly layer: string;
  /** `[1, 3, H, W]`. */
  readonly input: Tensor<"float32">;
  /** The class that was explained; of a single logit the second. */
  readonly target: number;
  /** Names of its tensors, those of training too. */
  readonly names: readonly string[];
  /** @throws Error when there is none of that name */
  tensor(name: string): Tensor<"float32">;
  /** What the case says of a tensor: its tolerance, the method's own numbers, the layers that count. */
  about<T>(name: string): T & Tolerance;
}

const root = join(shared ?? "", "fixtures");

/** The cases there are; none where the shared folder is absent. */
export const fixtureNames: readonly string[] = shared
  ? readdirSync(root).filter((name) => existsSync(join(root, name, "case.json")))
  : [];

const opened = new Map<string, Promise<Fixture>>();

/** Opens a case, once in a test file. */
export function fixture(name: string): Promise<Fixture> {
  const known = opened.get(name) ?? openFixture(name);
  opened.set(name, known);
  return known;
}

async function openFixture(name: string): Promise<Fixture> {
  const info = JSON.parse(readFileSync(join(root, name, "case.json"), "utf8"));
  const { tensors } = readSafetensors(readFileSync(join(root, name, "expected.safetensors")), name);
  const network = await adopt(readOnnx(readFileSync(join(root, name, "model.onnx")), name), name, engine);
  const layer: string = info.target_layer.onnx_value;
  const tensor = (wanted: string): Tensor<"float32"> => {
    const found = tensors.get(wanted);
    if (!found) throw new Error(`${name} has no tensor "${wanted}"`);
    return found as Tensor<"float32">;
  };
  return {
    name,
    model: { ...network, layers: [...network.layers, layerAt(layer, layer)], source: name, engine },
    layer,
    input: tensor("input"),
    target: info.output.classes === 1 ? 1 : info.target_class,
    names: [...tensors.keys()],
    tensor,
    about: (wanted) => info.tensors[wanted],
  };
}

/** A layer that is nothing but its activation. */
function layerAt(name: string, output: string): Layer {
  return { name, type: "", output, parameters: [] };
}

/** Holds each element within the tolerance; of the deviations beyond it the worst is said. */
export function expectClose(
  actual: Tensor<"float32">,
  expected: Tensor<"float32">,
  { atol, rtol }: Tolerance,
): void {
  expect(actual.shape).toEqual(expected.shape);
  const excess = [...expected.data].map((value, at) => {
    const beyond = Math.abs(actual.data[at]! - value) - rtol * Math.abs(value) - atol;
    return Number.isNaN(beyond) ? Number.POSITIVE_INFINITY : beyond;
  });
  const worst = excess.reduce((most, value, at) => (value > excess[most]! ? at : most), 0);
  if (excess[worst]! > 0)
    expect.fail(`element ${worst} is ${actual.data[worst]}, not ${expected.data[worst]} (±${atol})`);
}

/** A network small enough to be done by hand, with named activations as its layers. */
export function toy(
  shape: readonly [channels: number, height: number, width: number],
  write: (
    g: GraphBuilder,
    x: Value,
  ) => { readonly logits: Value; readonly layers: Readonly<Record<string, Value>> },
): Model {
  const [channels, height, width] = shape;
  const g = new GraphBuilder();
  const { logits, layers } = write(g, g.input("image", "float32", [BATCH, channels, height, width]));
  const columns = logits.shape![1] as number;
  const classes = Array.from({ length: Math.max(2, columns) }, (_, index) => `class ${index}`);
  // One logit is the second class's.
  const second = columns === 1 ? op.sigmoid(g, logits) : undefined;
  const probabilities = second
    ? op.concat(g, [op.sub(g, g.constant(float32([], [1])), second), second], 1)
    : op.softmax(g, logits);
  const graph = g.finish("toy", { logits, probabilities });
  return {
    graph,
    input: { name: "image", channels, height, width },
    classes,
    layers: Object.entries(layers).map(([name, value]) => layerAt(name, value.name)),
    source: "toy",
    engine,
  };
}

/**
 * Captum's `ConvNet_One_Conv`, for pictures `[1, 4, 4]`, with layers `conv1` and `relu1` `[2, 2, 2]`. Its tests state weights and every
 * number.
 * @param other its second input, which is added to the picture
 */
export function oneConv(other?: readonly number[]): Model {
  return toy([1, 4, 4], (g, x) => {
    const sum = other ? op.add(g, x, g.constant(float32([1, 1, 4, 4], other))) : x;
    const w = g.initializer("w", float32([2, 1, 3, 3], new Float32Array(18).fill(1)));
    const conv1 = op.conv(g, sum, w, g.initializer("b", float32([2], [-50, -75])));
    const relu1 = op.relu(g, conv1);
    const dense = Float32Array.from({ length: 32 }, (_, i) => (i % 8 < 5 ? 1 : -1));
    const weight = g.initializer("d", float32([4, 8], dense));
    const scores = op.gemm(g, op.flatten(g, relu1), weight, undefined, { transB: true });
    return { logits: op.relu(g, scores), layers: { conv1, relu1 } };
  });
}

/**
 * Captum's `BasicModel_MultiLayer`, its three numbers as a picture, with layers `linear0` `[3]`, `linear1` and `relu` `[4]`, and `linear2`
 * `[2]`.
 */
export function multiLayer(shape: readonly [number, number, number] = [3, 1, 1]): Model {
  return toy(shape, (g, x) => {
    const dense = (name: string, input: Value, rows: number, weights: number[], bias: number[]): Value =>
      op.gemm(
        g,
        input,
        g.initializer(`${name}.weight`, float32([rows, weights.length / rows], weights)),
        g.initializer(`${name}.bias`, float32([rows], bias)),
        { transB: true },
      );
    const linear0 = dense("linear0", op.flatten(g, x), 3, [1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 0]);
    const linear1 = dense("linear1", linear0, 4, new Array(12).fill(1), [-10, 1, 1, 1]);
    const relu = op.relu(g, linear1);
    const linear2 = dense("linear2", relu, 2, new Array(8).fill(1), [-1, 1]);
    return { logits: linear2, layers: { linear0, linear1, relu, linear2 } };
  });
}
