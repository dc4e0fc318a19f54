import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float32, scalar, tensor } from "../../src/base/tensor.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { int, type Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { findLayer, findLayers, spatialLayers } from "../../src/model/find-layer.ts";
import { graphLayers } from "../../src/model/graph-layers.ts";
import { gridFor } from "../../src/model/grid.ts";
import type { Layer, Network } from "../../src/model/model.ts";
import { receptiveFields } from "../../src/model/receptive-field.ts";

type Build = (g: GraphBuilder, x: Value) => Value;

const ones = (...shape: number[]) =>
  float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1));
const number = (g: GraphBuilder, value: number): Value => g.constant(scalar(value));

/** The layers of a graph from `[1, 3, 8, 8]`, whatever it ends in. */
function layersOf(build: Build, input: readonly number[] = [1, 3, 8, 8]): Layer[] {
  const g = new GraphBuilder();
  const graph = g.finish("net", { scores: build(g, g.input("image", "float32", input)) });
  return graphLayers(graph, { logits: "scores", ending: undefined });
}
const kinds = (build: Build, input?: readonly number[]) =>
  layersOf(build, input).map(({ name, type }) => `${name}: ${type}`);

/** Under the path that PyTorch's exporter gives what a module does. */
const within =
  (path: string, build: Build): Build =>
  (g, x) =>
    g.scope(path, () => build(g, x));

const gelu: Build = (g, x) => {
  const gate = op.add(g, op.erf(g, op.div(g, x, number(g, Math.SQRT2))), number(g, 1));
  return op.mul(g, op.mul(g, x, gate), number(g, 0.5));
};
const normalized: Build = (g, x) => {
  const centred = op.sub(g, x, op.reduceMean(g, x, [-1], true));
  const variance = op.reduceMean(g, op.pow(g, centred, number(g, 2)), [-1], true);
  return op.div(g, centred, op.sqrt(g, op.add(g, variance, number(g, 1e-5))));
};

describe("layers that an exporter wrote out are one", () => {
  test.each<[string, string, Build]>([
    ["GELU", "GELU", gelu],
    [
      "GELU, halved first",
      "GELU",
      (g, x) => {
        const half = op.mul(g, x, number(g, 0.5));
        return op.mul(g, half, op.add(g, op.erf(g, op.mul(g, x, number(g, Math.SQRT1_2))), number(g, 1)));
      },
    ],
    [
      "GELU by tanh",
      "GELU",
      (g, x) => {
        const cubic = op.mul(g, op.pow(g, x, number(g, 3)), number(g, 0.044715));
        const inner = op.mul(g, op.add(g, x, cubic), number(g, Math.sqrt(2 / Math.PI)));
        return op.mul(g, op.mul(g, x, number(g, 0.5)), op.add(g, op.tanh(g, inner), number(g, 1)));
      },
    ],
    ["SiLU", "SiLU", (g, x) => op.mul(g, x, op.sigmoid(g, x))],
    ["SiLU, gate first", "SiLU", (g, x) => op.mul(g, op.sigmoid(g, x), x)],
    ["Mish", "Mish", (g, x) => op.mul(g, x, op.tanh(g, op.softplus(g, x)))],
    [
      "hard-swish",
      "HardSwish",
      (g, x) => {
        const gate = op.clip(g, op.add(g, x, number(g, 3)), number(g, 0), number(g, 6));
        return op.div(g, op.mul(g, x, gate), number(g, 6));
      },
    ],
    ["ReLU6", "ReLU6", (g, x) => op.clip(g, x, number(g, 0), number(g, 6))],
    ["another clip", "Clip", (g, x) => op.clip(g, x, number(g, 0), number(g, 5))],
    [
      "layer normalization",
      "LayerNormalization",
      (g, x) => op.add(g, op.mul(g, normalized(g, x), g.constant(ones(8))), g.constant(ones(8))),
    ],
    ["layer normalization without weights", "LayerNormalization", normalized],
  ])("%s", (_, type, build) => {
    const types = layersOf((g, x) => op.relu(g, build(g, op.relu(g, x)))).map((layer) => layer.type);
    expect(types).toEqual(["ReLU", type, "ReLU"]);
  });

  test("a gate that another branch feeds is a product", () => {
    const excited: Build = (g, x) =>
      op.mul(g, x, op.sigmoid(g, op.conv(g, op.globalAveragePool(g, x), g.constant(ones(3, 3, 1, 1)))));
    expect(layersOf(excited).map(({ type }) => type)).toEqual([
      "GlobalAveragePooling2D",
      "Conv2D",
      "Sigmoid",
      "Multiply",
    ]);
  });

  test("products with weights and their bias: the activation after it, and both parameters", () => {
    const [, dense] = layersOf((g, x) => {
      const weight = op.transpose(g, g.initializer("head.fc.weight", ones(5, 8)), [1, 0]);
      const product = op.matMul(g, op.relu(g, x), weight);
      return op.relu(g, op.add(g, g.initializer("head.fc.bias", ones(5)), product));
    });
    expect(dense).toMatchObject({
      name: "head.fc",
      type: "Dense",
      output: "Add",
      parameters: ["head.fc.weight", "head.fc.bias"],
    });
  });

  test("a product of two activations stays one", () => {
    expect(kinds((g, x) => op.softmax(g, op.matMul(g, x, op.transpose(g, x, [0, 1, 3, 2]))))).toEqual([
      "MatMul: MatMul",
      "Softmax: Softmax",
    ]);
  });

  test("convolutions and pools of series and volumes are called so", () => {
    expect(layersOf((g, x) => op.conv(g, x, g.constant(ones(4, 3, 3))), [1, 3, 9])[0]!.type).toBe("Conv1D");
    const depthwise: Build = (g, x) => op.conv(g, x, g.constant(ones(3, 1, 3)), undefined, { group: 3 });
    expect(layersOf(depthwise, [1, 3, 9])[0]!.type).toBe("DepthwiseConv1D");
    const mean: Build = (g, x) => op.globalAveragePool(g, x);
    expect(layersOf(mean, [1, 3, 4, 4, 4])[0]!.type).toBe("GlobalAveragePooling3D");
  });
});

describe("names", () => {
  test("are the modules', however deep, and counted where one is called again", () => {
    const block: Build = (g, x) => {
      const weight = g.initializer("features.0.conv.weight", ones(3, 3, 1, 1));
      const convolve = within("/features/features.0/conv", (h, y) => op.conv(h, y, weight));
      const shared = convolve(g, within("/features/features.0/conv", op.relu)(g, convolve(g, x)));
      return within("/features/features.0/mlp/mlp.1", gelu)(g, op.add(g, shared, x));
    };
    expect(kinds(block)).toEqual([
      "features.0.conv: Conv2D",
      "features.0.conv.relu: ReLU",
      "features.0.conv_1: Conv2D",
      "Add: Add",
      "features.0.mlp.1: GELU",
    ]);
  });

  test("equal weights that are stored once do not lend their name", () => {
    const weight = "layer1.weight";
    const names = layersOf((g, x) => {
      const shared = g.initializer(weight, ones(3, 3, 1, 1));
      const first = within("/layer1", (h, y) => op.conv(h, y, shared))(g, x);
      return within("/layer2", (h, y) => op.conv(h, y, shared))(g, first);
    });
    expect(names.map(({ name }) => name)).toEqual(["layer1", "layer2"]);
  });

  test("quantized weights are weights, and bear their layer's name", () => {
    const layers = layersOf((g, x) => {
      const stored = g.initializer("stem.weight_quantized", tensor("int8", [4, 3, 1, 1], new Int8Array(12)));
      const weight = g.node({
        op: "DequantizeLinear",
        inputs: [stored, g.constant(ones(4))],
        attributes: { axis: int(0) },
        outputs: [{ dtype: "float32", shape: stored.shape }],
      })[0]!;
      return op.conv(g, x, weight);
    });
    expect(layers.map(({ name, parameters }) => [name, parameters])).toEqual([
      ["stem", ["stem.weight_quantized"]],
    ]);
  });

  test("layers end at the scores, but for softmax", () => {
    const g = new GraphBuilder();
    const scores = op.relu(g, g.input("image", "float32", [1, 3]));
    const aside = op.tanh(g, scores);
    const probabilities = op.softmax(g, scores);
    const graph = g.finish("net", { scores, probabilities, aside });
    const layers = graphLayers(graph, {
      logits: "scores",
      ending: { value: "probabilities", op: "Softmax" },
    });
    expect(layers.map(({ type }) => type)).toEqual(["ReLU", "Softmax"]);
  });
});

describe("finding layers", () => {
  const names = [
    "stem.conv",
    "stem.relu",
    "layer1.0.conv",
    "layer1.0.relu",
    "layer1.1.conv",
    "layer1.1.relu",
  ];
  const layer = (name: string): Layer => ({
    name,
    type: name.endsWith("conv") ? "Conv2D" : "ReLU",
    output: name,
    parameters: [],
  });
  const network = { layers: names.map(layer) } as unknown as Network;

  test.each([
    ["layer1.0.conv", ["layer1.0.conv"]],
    ["layer1", ["layer1.1.relu"]],
    ["layer1.0", ["layer1.0.relu"]],
    ["-2", ["layer1.1.conv"]],
    ["0", ["stem.conv"]],
    ["layer1.*.relu", ["layer1.0.relu", "layer1.1.relu"]],
    ["stem.????", ["stem.conv", "stem.relu"]],
    ["Conv2D", ["stem.conv", "layer1.0.conv", "layer1.1.conv"]],
  ])("%s", (spec, found) => {
    expect(findLayers(network, spec).map(({ name }) => name)).toEqual(found);
    expect(findLayer(network, spec).name).toBe(found.at(-1));
  });

  test("what is not there: short lists as they run, long ones by likeness", () => {
    expect(() => findLayer(network, "layer1.0.con")).toThrow(
      'There is no layer "layer1.0.con"; the layers are stem.conv, stem.relu, layer1.0.conv, layer1.0.relu, layer1.1.conv and layer1.1.relu.',
    );
    const many = {
      layers: [...Array(20).keys()].map((at) => layer(`block.${at}.conv`)),
    } as unknown as Network;
    expect(() => findLayers(many, "Blok.17.conv")).toThrow(
      /^There is no layer "Blok.17.conv"; the layers are block\.17\.conv, .* and 8 more\.$/,
    );
    expect(() => findLayer(many, "20")).toThrow('There is no layer "20"');
  });
});

describe("grids", () => {
  const square = { height: 224, width: 224 };
  test.each([
    [[768, 7, 7], square, { layout: "NCHW", height: 7, width: 7, skip: 0 }],
    [[7, 7, 768], square, { layout: "NHWC", height: 7, width: 7, skip: 0 }],
    [[12, 12, 16], { height: 48, width: 48 }, { layout: "NHWC", height: 12, width: 12, skip: 0 }],
    [[8, 8, 8], square, { layout: "NCHW", height: 8, width: 8, skip: 0 }],
    // Kernels without padding: 33×38 pixels.
    [[24, 8, 9], { height: 33, width: 38 }, { layout: "NCHW", height: 8, width: 9, skip: 0 }],
    [[196, 768], square, { layout: "NTC", height: 14, width: 14, skip: 0 }],
    [[197, 768], square, { layout: "NTC", height: 14, width: 14, skip: 1 }],
    [[198, 768], square, { layout: "NTC", height: 14, width: 14, skip: 2 }],
    [[200, 768], square, { layout: "NTC", height: 14, width: 14, skip: 4 }],
    [[201, 768], square, { layout: "NTC", height: 14, width: 14, skip: 5 }],
    [[21, 32], { height: 32, width: 40 }, { layout: "NTC", height: 4, width: 5, skip: 1 }],
    // The only window of a picture.
    [[1, 49, 512], square, { layout: "NTC", height: 7, width: 7, skip: 0 }],
    [[199, 768], square, undefined],
    [[512, 1, 1], square, undefined],
    [[1, 1, 24], square, undefined],
    [[2, 64], square, undefined],
    [[10], square, undefined],
  ])("%j of %j", (extents, picture, grid) => {
    expect(gridFor(extents, picture)).toEqual(grid);
  });

  test("square pictures in patches, whatever the tokens before them", () => {
    const cases = fc.tuple(
      fc.integer({ min: 3, max: 40 }),
      fc.integer({ min: 2, max: 32 }),
      fc.constantFrom(0, 1, 2, 4, 5),
    );
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 64 }), ([side, patch, skip], channels) => {
        const picture = { height: side * patch, width: side * patch };
        const grid = { height: side, width: side };
        expect(gridFor([skip + side * side, channels], picture)).toEqual({ layout: "NTC", ...grid, skip });
        expect(gridFor([channels, side, side], picture)).toEqual({ layout: "NCHW", ...grid, skip: 0 });
      }),
    );
  });

  test("tables of pairs of places are no maps", () => {
    const g = new GraphBuilder();
    const x = g.input("image", "float32", [1, 3, 8, 8]);
    const scores = op.softmax(g, op.matMul(g, op.relu(g, x), x));
    const graph = g.finish("net", { scores });
    const layers = graphLayers(graph, { logits: "scores", ending: undefined });
    expect(spatialLayers({ graph, layers } as unknown as Network).map(({ type }) => type)).toEqual(["ReLU"]);
  });
});

describe("receptive fields", () => {
  const fieldAtEnd = (build: Build): unknown => {
    const g = new GraphBuilder();
    const x = g.input("image", "float32", [1, 1, 400, 400]);
    return receptiveFields(g.finish("net", { end: build(g, x) })).get("end");
  };

  test("of chains, as intervals followed back say", () => {
    const steps = fc.array(
      fc.record({
        pools: fc.boolean(),
        kernel: fc.integer({ min: 1, max: 5 }),
        stride: fc.integer({ min: 1, max: 2 }),
        dilation: fc.integer({ min: 1, max: 2 }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(steps, (chain) => {
        const field = fieldAtEnd((g, x) =>
          chain.reduce((y, { pools, kernel, stride, dilation }) => {
            if (pools) return op.maxPool(g, y, [kernel, kernel], { strides: [stride, stride] });
            const dilations: [number, number] = [dilation, dilation];
            return op.conv(g, y, g.constant(ones(1, 1, kernel, kernel)), undefined, {
              strides: [stride, stride],
              dilations,
            });
          }, x),
        );
        /** First and last pixel that place `at` sees. */
        const seen = (at: number): [number, number] =>
          chain.reduceRight<[number, number]>(
            ([low, high], { pools, kernel, stride, dilation }) => [
              low * stride,
              high * stride + (kernel - 1) * (pools ? 1 : dilation),
            ],
            [at, at],
          );
        const size = seen(0)[1] - seen(0)[0] + 1;
        const stride = seen(1)[0] - seen(0)[0];
        expect(field).toEqual({ size: [size, size], stride: [stride, stride] });
      }),
      { numRuns: 50 },
    );
  });

  test("of branches the widest, of oblong kernels each way, of enlarged maps the finer stride", () => {
    const wide: Build = (g, x) => {
      const tall = op.conv(g, x, g.constant(ones(1, 1, 5, 1)), undefined, { pads: [2, 0, 2, 0] });
      const broad = op.conv(g, x, g.constant(ones(1, 1, 1, 3)), undefined, { pads: [0, 1, 0, 1] });
      return op.concat(g, [tall, broad], 1);
    };
    expect(fieldAtEnd(wide)).toEqual({ size: [5, 3], stride: [1, 1] });
    const up: Build = (g, x) => {
      const half = op.conv(g, x, g.constant(ones(1, 1, 2, 2)), undefined, { strides: [2, 2] });
      return op.convTranspose(g, half, g.constant(ones(1, 1, 4, 4)), { strides: [2, 2] });
    };
    expect(fieldAtEnd(up)).toEqual({ size: [4, 4], stride: [1, 1] });
  });

  test.each<[string, Build]>([
    ["a global pool", op.globalAveragePool],
    ["a mean over the picture", (g, x) => op.reduceMean(g, x, [2, 3], false)],
    ["attention", (g, x) => op.matMul(g, x, op.transpose(g, x, [0, 1, 3, 2]))],
    ["flattening", (g, x) => op.flatten(g, x)],
  ])("%s sees all", (_, build) => {
    expect(fieldAtEnd(build)).toBe("all");
  });

  test("patches keep theirs as tokens, through a layer normalization", () => {
    const tokens: Build = (g, x) => {
      const patches = op.conv(g, x, g.constant(ones(4, 1, 16, 16)), undefined, { strides: [16, 16] });
      return normalized(g, op.transpose(g, op.reshape(g, patches, [1, 4, 625]), [0, 2, 1]));
    };
    expect(fieldAtEnd(tokens)).toEqual({ size: [16, 16], stride: [16, 16] });
  });

  test("of the small convnet", () => {
    const { graph, layers } = smallConvnet({ classes: ["cat", "dog"] });
    const fields = receptiveFields(graph);
    const sizes = layers.map(({ output }) => {
      const field = fields.get(output)!;
      return field === "all" ? field : `${field.size[0]}/${field.stride[1]}`;
    });
    expect(sizes).toEqual([
      ...["3/1", "4/2", "8/2", "10/4", "18/4", "22/8", "38/8", "46/16"],
      ...["all", "all", "all", "all"],
    ]);
  });
});
