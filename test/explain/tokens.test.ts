import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32, int64, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { explain } from "../../src/explain/explain.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import * as op from "../../src/graph/operators/index.ts";
import { activations } from "../../src/inspect/activations.ts";
import { adopt } from "../../src/model/adopt.ts";
import { findLayer, spatialLayers } from "../../src/model/find-layer.ts";
import type { Model } from "../../src/model/model.ts";
import { openModel } from "../../src/model/open.node.ts";
import { defaultLayer, targetLayers } from "../../src/model/target-layers.ts";
import { shared } from "../shared.ts";

const engine = nodeEngine({ threads: 1 });

function values(seed: string, shape: readonly number[]): Tensor<"float32"> {
  const source = random(1, seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return float32(
    shape,
    Float32Array.from({ length: size }, () => source.uniform(-1, 1)),
  );
}

const [H, W, C, CLASSES] = [3, 5, 4, 2];
const picture = values("picture", [1, 3, 2 * H, 2 * W]);

/**
 * Patches of 2×2 pixels, each a place with 4 channels; `arrange` lays them out, and scores are read off the `[N, C]` that it
 * returns.
 */
async function patches(arrange: (g: GraphBuilder, maps: Value) => Value): Promise<Model> {
  const g = new GraphBuilder();
  const x = g.input("image", "float32", [1, 3, 2 * H, 2 * W]);
  const maps = op.conv(g, x, g.initializer("patch.weight", values("patch", [C, 3, 2, 2])), undefined, {
    strides: [2, 2],
  });
  const head = g.initializer("head.weight", values("head", [C, CLASSES]));
  const graph = g.finish("patches", { scores: op.matMul(g, arrange(g, op.tanh(g, maps)), head) });
  return { ...(await adopt(graph, "patches", engine)), source: "patches", engine };
}

/** `[1, C, h, w]` → `[1, skip + h·w, C]`, constant tokens first. */
function tokens(g: GraphBuilder, maps: Value, skip: number): Value {
  const sequence = op.transpose(g, op.reshape(g, maps, [1, C, H * W]), [0, 2, 1]);
  return skip ? op.concat(g, [g.constant(values("tokens", [1, skip, C])), sequence], 1) : sequence;
}

describe("one network laid out in three ways has one map", () => {
  const square = (g: GraphBuilder, x: Value): Value => g.scope("/last", () => op.mul(g, x, op.sigmoid(g, x)));
  const mean = (g: GraphBuilder, x: Value, axes: number[]): Value => op.reduceMean(g, x, axes, false);
  const inChannels = (): Promise<Model> => patches((g, maps) => mean(g, square(g, maps), [2, 3]));

  test.each<[string, number[], (g: GraphBuilder, maps: Value) => Value]>([
    [
      "channels last",
      [1, H, W, C],
      (g, maps) => mean(g, square(g, op.transpose(g, maps, [0, 2, 3, 1])), [1, 2]),
    ],
    ["tokens", [1, H * W, C], (g, maps) => mean(g, square(g, tokens(g, maps, 0)), [1])],
    [
      "tokens of one window",
      [1, 1, H * W, C],
      (g, maps) => mean(g, square(g, op.reshape(g, tokens(g, maps, 0), [1, 1, H * W, C])), [1, 2]),
    ],
    [
      "tokens after five others",
      [1, 5 + H * W, C],
      (g, maps) => mean(g, op.slice(g, square(g, tokens(g, maps, 5)), [1], [5], [5 + H * W]), [1]),
    ],
  ])("%s", async (_, shape, arrange) => {
    const [first, other] = [await inChannels(), await patches(arrange)];
    const layer = findLayer(other, "last");
    expect(layer.type).toBe("SiLU");
    expect(other.graph.values.get(layer.output)!.shape).toEqual(shape);
    expect(defaultLayer(other)).toBe(layer);
    for (const target of [0, 1]) {
      const expected = (await explain(first, picture, { target, layer: "last" })).raw;
      const { raw } = await explain(other, picture, { target });
      expect(raw.shape).toEqual([H, W]);
      for (const [at, value] of expected.data.entries()) expect(raw.data[at]).toBeCloseTo(value, 6);
      expect(Math.max(...expected.data.map(Math.abs))).toBeGreaterThan(1e-3);
    }
    const [maps] = await activations(first, picture, { layers: ["last"] });
    const [turned] = await activations(other, picture, { layers: ["last"] });
    expect(turned!.activation.shape).toEqual([C, H, W]);
    expect(turned!.activation).toEqual(maps!.activation);
  });
});

describe("the layer to explain at", () => {
  const norm = (g: GraphBuilder, name: string, x: Value): Value =>
    g.scope(name, () => op.mul(g, x, op.sigmoid(g, x)));
  const attention = (g: GraphBuilder, x: Value): Value => {
    const pairs = op.softmax(g, op.matMul(g, x, op.transpose(g, x, [0, 2, 1])));
    return op.matMul(g, pairs, x);
  };
  /** A transformer of one block whose scores `read` takes from its tokens. */
  const transformer = (read: (g: GraphBuilder, x: Value) => Value): Promise<Model> =>
    patches((g, maps) => {
      const x = tokens(g, maps, 1);
      const mixed = op.add(g, x, attention(g, norm(g, "/before", x)));
      return read(g, norm(g, "/after", mixed));
    });

  test.each<[string, string, (g: GraphBuilder, x: Value) => Value]>([
    ["before the last attention", "before", (g, x) => op.gather(g, x, g.constant(int64([], [0])), 1)],
    [
      "before it too where a slice takes the class token",
      "before",
      (g, x) => op.squeeze(g, op.slice(g, x, [1], [0], [1]), [1]),
    ],
    ["the last where all tokens are read", "after", (g, x) => op.reduceMean(g, x, [1], false)],
    [
      "the last where the patches are read",
      "after",
      (g, x) => op.reduceMean(g, op.slice(g, x, [1], [1], [1 + H * W]), [1], false),
    ],
  ])("is %s", async (_, name, read) => {
    const model = await transformer(read);
    expect(defaultLayer(model)!.name).toBe(name);
    const { raw } = await explain(model, picture, { target: 0 });
    expect(raw.shape).toEqual([H, W]);
    expect(raw.data.some((value) => Math.abs(value) > 1e-6)).toBe(true);
  });

  test("is not the classes' own maps", async () => {
    const model = await patches((g, maps) => {
      const features = g.scope("/features", () => op.relu(g, maps));
      const own = g.initializer("classes.weight", values("classes", [CLASSES, C, 1, 1]));
      const scores = op.flatten(g, op.globalAveragePool(g, op.relu(g, op.conv(g, features, own))));
      return op.matMul(g, scores, g.constant(values("wide", [CLASSES, C])));
    });
    // A product with weights follows the maps there, so they are features like any other.
    expect(defaultLayer(model)!.name).not.toBe("features");
    const g = new GraphBuilder();
    const x = op.relu(g, g.input("image", "float32", [1, 3, 8, 8]));
    const features = g.scope("/features", () => op.relu(g, x));
    const maps = op.relu(g, op.conv(g, features, g.initializer("classes.weight", values("c", [2, 3, 1, 1]))));
    const graph = g.finish("maps", { scores: op.flatten(g, op.globalAveragePool(g, maps)) });
    const ending = await adopt(graph, "maps", engine);
    expect(ending.layers.map(({ name }) => name)).toContain("classes");
    expect(defaultLayer(ending)!.name).toBe("features");
  });
});

describe.skipIf(!shared)("other libraries' networks", () => {
  const root = join(shared ?? "", "fixtures");
  const names = shared ? readdirSync(root).filter((name) => existsSync(join(root, name, "case.json"))) : [];
  const fixture = async (name: string): Promise<Model> => {
    const graph = readOnnx(readFileSync(join(root, name, "model.onnx")), name);
    return { ...(await adopt(graph, name, engine)), source: name, engine };
  };

  test.each(names)("%s is explained where pytorch-grad-cam was told to", async (name) => {
    const info = JSON.parse(readFileSync(join(root, name, "case.json"), "utf8"));
    expect(defaultLayer(await fixture(name))!.output).toBe(info.target_layer.onnx_value);
  });

  test("in a vision transformer the layers that can be explained at are those whose patches get a gradient", async () => {
    const model = await fixture("vit_opset13");
    const { tensors } = readSafetensors(
      readFileSync(join(root, "vit_opset13/expected.safetensors")),
      "expected",
    );
    const targets = new Set(targetLayers(model).map((layer) => layer.name));
    expect(targets.size).toBe(12);
    for (const { name } of spatialLayers(model)) {
      const { raw } = await explain(model, tensors.get("input") as Tensor<"float32">, {
        target: 0,
        layer: name,
      });
      expect([name, raw.data.some((value) => value !== 0)]).toEqual([name, targets.has(name)]);
    }
  });

  test("SqueezeNet is explained at its last fire module", async () => {
    const model = await openModel(join(shared ?? "", "models/squeezenet1.1.onnx"), { engine });
    expect(defaultLayer(model)!.name).toBe("fire9/concat");
  });
});
