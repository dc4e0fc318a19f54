import { describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { type Random, random } from "../../src/base/random.ts";
import { float32, int64, sizeOf, type Tensor } from "../../src/base/tensor.ts";
import { float, floats, type Graph, int, ints, string } from "../../src/graph/graph.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import { upgrades } from "../../src/graph/onnx/upgrade/index.ts";
import { codes, type ForeignAttribute, type ForeignGraph, foreignModel, graphMessage } from "./onnx-file.ts";
import { runFile, runGraph, type Tensors } from "./onnx-run.ts";

/** A node of an old operator set, as the whole of a model. */
interface Old {
  readonly opset: number;
  /** What is fed. The model says of its extents that they are free. */
  readonly feeds: readonly Tensor[];
  readonly constants?: readonly Tensor[];
  readonly attributes?: Readonly<Record<string, ForeignAttribute>>;
  readonly outputs?: readonly (keyof typeof codes)[];
  /** Apart from which the results are equal, relative to the largest: where ONNX Runtime had a kernel for the operator alone. */
  readonly within?: number;
  /** What the model says of its first output. */
  readonly shape?: readonly (number | string)[];
}

function modelOf(
  op: string,
  { opset, feeds, constants = [], attributes = {}, outputs = ["float32"], shape }: Old,
) {
  const given = constants.map((constant, index) => [`constant${index}`, constant] as const);
  const fed = feeds.map((feed, index) => [`feed${index}`, feed] as const);
  const made = outputs.map((_, index) => `output${index}`);
  const inputs = [...fed, ...given].map(([name]) => name);
  const bytes = foreignModel(
    graphMessage({
      nodes: [{ op, inputs, outputs: made, attributes }],
      inputs: fed.map(([name, feed]) => ({
        name,
        code: codes[feed.dtype],
        shape: feed.shape.map((_, axis) => `${name}.${axis}`),
      })),
      outputs: outputs.map((type, index) => ({
        name: made[index]!,
        code: codes[type],
        ...(shape && index === 0 ? { shape } : {}),
      })),
      constants: Object.fromEntries(given),
    }),
    opset,
  );
  return { bytes, feeds: Object.fromEntries(fed) };
}

/** Numbers in 6 from `low`, of which no two are equal, so that order is never a matter of taste. */
function numbers(r: Random, shape: readonly number[], low = -3): Tensor {
  const size = sizeOf(shape);
  const order = r.shuffle(Array.from({ length: size }, (_, index) => index));
  return float32(
    shape,
    order.map((place) => ((place + r.next()) / size) * 6 + low),
  );
}

const shapeOf = (r: Random, rank: number): number[] => Array.from({ length: rank }, () => 1 + r.below(4));

const opsetOf = (r: Random, since: number): number => 7 + r.below(since - 7);

/** Some of the axes of a tensor of that rank, in any order; from behind only since set 11. */
function someAxes(r: Random, rank: number, opset: number): number[] {
  const axes = r.shuffle(Array.from({ length: rank }, (_, axis) => axis)).slice(0, 1 + r.below(rank));
  return axes.map((axis) => (opset >= 11 && r.below(2) ? axis - rank : axis));
}

function reduction(r: Random, since: number): Old {
  const opset = opsetOf(r, since);
  const shape = shapeOf(r, 3);
  const axes = r.below(4) ? { axes: ints(someAxes(r, 3, opset)) } : {};
  const keep = r.below(2) ? { keepdims: int(r.below(2)) } : {};
  // Of positive numbers every reduction has a value.
  return { opset, feeds: [numbers(r, shape, 1)], attributes: { ...axes, ...keep } };
}

function softmax(r: Random): Old {
  const opset = opsetOf(r, 13);
  const rank = 1 + r.below(4);
  const shape = shapeOf(r, rank);
  const axis = r.below(rank);
  const attribute =
    rank === 1 || r.below(3) ? { axis: int(opset >= 11 && r.below(2) ? axis - rank : axis) } : {};
  // The model may say of which shape its output is.
  const known = r.below(2) ? { shape } : {};
  return { opset, feeds: [numbers(r, shape)], attributes: attribute, ...known };
}

function batchNormalization(r: Random): Old {
  const opset = opsetOf(r, 14);
  const shape = shapeOf(r, 2 + r.below(3));
  const places = opset < 9 && r.below(2);
  const parameters = places ? shape.slice(1) : shape.slice(1, 2);
  const [scale, bias, mean] = [0, 1, 2].map(() => numbers(r, parameters));
  return {
    opset,
    feeds: [numbers(r, shape)],
    constants: [scale!, bias!, mean!, numbers(r, parameters, 0.1)],
    attributes: { epsilon: float(r.pick([1e-5, 1e-3])), ...(places ? { spatial: int(0) } : {}) },
  };
}

const scalesOf = (r: Random, mode: string, choices: readonly number[]): number[] => [
  1,
  mode === "nearest" ? r.pick([1, 2]) : 1,
  r.pick(choices),
  r.pick(choices),
];

function resize(r: Random, least: number): Old {
  const mode = r.pick(["nearest", "linear"]);
  const shape = [1 + r.below(2), 1 + r.below(2), 3 + r.below(4), 3 + r.below(4)];
  const scales = scalesOf(r, mode, [1, 1.5, 2, 2.3, 3, ...(least < 1 ? [0.4, 0.5, 0.7] : [])]);
  const attributes = r.below(3) || mode === "linear" ? { mode: string(mode) } : {};
  const x = numbers(r, shape);
  if (least < 1) return { opset: 10, feeds: [x], constants: [float32([4], scales)], attributes };
  const opset = opsetOf(r, 10);
  return opset < 9
    ? { opset, feeds: [x], attributes: { ...attributes, scales: floats(scales) } }
    : { opset, feeds: [x], constants: [float32([4], scales)], attributes };
}

/** Resize of sets 11 and 12, which must be given a region and scales even where they count for nothing. */
function resizeWithEmpty(r: Random): Old {
  const mode = r.pick(["nearest", "linear", "cubic"]);
  const shape = [1, 2, 3 + r.below(4), 3 + r.below(4)];
  const sizes = int64([4], [1, 2, 2 + r.below(9), 2 + r.below(9)]);
  const byScales = r.below(2);
  const scales = float32([4], scalesOf(r, "linear", [0.5, 1, 1.5, 2]));
  return {
    opset: 11 + r.below(2),
    feeds: [numbers(r, shape)],
    constants: [float32([0], []), ...(byScales ? [scales] : [float32([0], []), sizes])],
    attributes: {
      mode: string(mode),
      coordinate_transformation_mode: string(
        r.pick(["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]),
      ),
      nearest_mode: string(r.pick(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])),
    },
  };
}

/** A random model of each operator whose form has changed. */
const cases: Readonly<Record<string, (r: Random) => Old>> = {
  Affine: (r) => ({
    opset: opsetOf(r, 10),
    feeds: [numbers(r, shapeOf(r, 3))],
    attributes: { alpha: float(1.5), ...(r.below(2) ? { beta: float(-0.25) } : {}) },
  }),
  BatchNormalization: batchNormalization,
  Clip: (r) => ({
    opset: opsetOf(r, 11),
    feeds: [numbers(r, shapeOf(r, 3))],
    attributes: {
      ...(r.below(2) ? { min: float(r.uniform(-2, 0)) } : {}),
      ...(r.below(2) ? { max: float(r.uniform(0, 2)) } : {}),
    },
  }),
  Crop: (r) => ({
    opset: opsetOf(r, 10),
    feeds: [numbers(r, [2, 2, 6, 7])],
    attributes: {
      border: ints([r.below(3), r.below(3), r.below(3), r.below(3)]),
      ...(r.below(2) ? { scale: ints([1 + r.below(3), 1 + r.below(3)]) } : {}),
    },
  }),
  Dropout: (r) => ({
    opset: opsetOf(r, 12),
    feeds: [numbers(r, shapeOf(r, 2))],
    attributes: r.below(2) ? { ratio: float(0.3) } : {},
  }),
  DynamicSlice: (r) => ({
    opset: opsetOf(r, 10),
    feeds: [numbers(r, [4, 5])],
    constants: [int64([2], [1, r.below(3)]), int64([2], [3, 5]), ...(r.below(2) ? [int64([2], [1, 0])] : [])],
  }),
  Hardmax: softmax,
  ImageScaler: (r) => ({
    opset: opsetOf(r, 10),
    feeds: [numbers(r, [2, 3, 2, 4])],
    attributes: { scale: float(1 / 255), bias: floats([0.5, -0.25, 1]) },
  }),
  LogSoftmax: softmax,
  Pad: (r) => {
    const mode = r.pick(["constant", "edge", "reflect"]);
    const pads = Array.from({ length: 8 }, () => r.below(3) - (mode === "constant" ? 1 : 0));
    return {
      opset: opsetOf(r, 11),
      feeds: [numbers(r, [3, 3, 4, 5])],
      attributes: {
        pads: ints(pads),
        mode: string(mode),
        ...(r.below(2) ? { value: float(0.75) } : {}),
      },
    };
  },
  ParametricSoftplus: (r) => ({
    opset: opsetOf(r, 10),
    feeds: [numbers(r, shapeOf(r, 3))],
    attributes: { alpha: float(0.5), beta: float(2) },
    within: 1e-6,
  }),
  ReduceL1: (r) => reduction(r, 18),
  ReduceL2: (r) => reduction(r, 18),
  ReduceLogSum: (r) => reduction(r, 18),
  ReduceLogSumExp: (r) => reduction(r, 18),
  ReduceMax: (r) => reduction(r, 18),
  ReduceMean: (r) => reduction(r, 18),
  ReduceMin: (r) => reduction(r, 18),
  ReduceProd: (r) => reduction(r, 18),
  ReduceSum: (r) => reduction(r, 13),
  ReduceSumSquare: (r) => reduction(r, 18),
  Resize: (r) => (r.below(2) ? resize(r, 0) : resizeWithEmpty(r)),
  RoiAlign: (r) => ({
    opset: 10 + r.below(6),
    feeds: [numbers(r, [1, 2, 6, 6])],
    constants: [float32([1, 4], [0.3, 0.6, 4.1, 5.2]), int64([1], [0])],
    attributes: { output_height: int(2), output_width: int(3), spatial_scale: float(1) },
  }),
  Scale: (r) => ({
    opset: opsetOf(r, 10),
    feeds: [numbers(r, shapeOf(r, 3))],
    attributes: { scale: float(0.3) },
  }),
  ScaledTanh: (r) => ({
    opset: opsetOf(r, 10),
    feeds: [numbers(r, shapeOf(r, 3))],
    attributes: { alpha: float(1.7159), beta: float(0.6667) },
    within: 1e-6,
  }),
  Scatter: (r) => ({
    opset: 9 + r.below(2),
    feeds: [numbers(r, [3, 4])],
    constants: [int64([2, 2], [1, 0, 2, 1]), float32([2, 2], [9, 8, 7, 6])],
    attributes: r.below(2) ? { axis: int(r.below(2)) } : {},
  }),
  Slice: (r) => ({
    opset: opsetOf(r, 10),
    feeds: [numbers(r, [4, 5, 3])],
    attributes: {
      starts: ints([1, -4]),
      // The largest number of 64 bits, as PyTorch says "to the end".
      ends: ints([3, r.pick([Number.MAX_SAFE_INTEGER, -1])]),
      ...(r.below(2)
        ? {
            axes: ints(
              r.pick([
                [0, 1],
                [1, 0],
              ]),
            ),
          }
        : {}),
    },
  }),
  Softmax: softmax,
  Split: (r) => {
    const opset = opsetOf(r, 18);
    const axis = r.below(2);
    const parts = opset < 13 ? { attributes: { split: ints([1, 3]), axis: int(axis) } } : {};
    const equal = { attributes: r.below(2) ? { axis: int(axis) } : {} };
    return {
      opset,
      feeds: [numbers(r, [4, 4])],
      outputs: ["float32", "float32"],
      ...(r.below(2) ? { ...equal, ...parts } : equal),
    };
  },
  Squeeze: (r) => ({
    opset: opsetOf(r, 13),
    feeds: [numbers(r, [1, 3, 1, 2])],
    attributes: { axes: ints(r.pick([[0], [0, 2], [2]])) },
  }),
  TopK: (r) => ({
    opset: opsetOf(r, 10),
    feeds: [numbers(r, [3, 4])],
    attributes: { k: int(1 + r.below(3)), ...(r.below(2) ? { axis: int(r.below(2)) } : {}) },
    outputs: ["float32", "int64"],
  }),
  Unsqueeze: (r) => ({
    opset: opsetOf(r, 13),
    feeds: [numbers(r, [2, 3])],
    attributes: { axes: ints(r.pick([[0], [2], [0, 3], [1, 2]])) },
  }),
  Upsample: (r) => resize(r, 1),
};

describe("nodes of older operator sets compute what they did", () => {
  it("with a test for each that has changed", () => {
    expect(Object.keys(cases)).toEqual([...upgrades.keys()].sort());
  });

  it.for(Object.keys(cases))("%s", async (op) => {
    for (let seed = 0; seed < 30; seed++) {
      const old = cases[op]!(random(seed, op));
      const { bytes, feeds } = modelOf(op, old);
      const graph = readOnnx(bytes, "old.onnx");
      expect(graph.opset).toBe(18);
      const what = `seed ${seed}: ${JSON.stringify({ ...old, feeds: old.feeds.map(({ shape }) => shape) }, plain)}`;
      const [actual, expected] = [await runGraph(graph, feeds), await runFile(bytes, feeds)];
      if (old.within === undefined) expect(actual, what).toEqual(expected);
      else expect(furthest(actual, expected), what).toBeLessThan(old.within);
    }
  });
});

function furthest(actual: Tensors, expected: Tensors): number {
  const [a, b] = [actual, expected].map(({ output0 }) => Array.from(output0!.data, Number));
  return Math.max(...a!.map((x, at) => Math.abs(x - b![at]!))) / Math.max(...b!.map(Math.abs));
}

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);

/** The graph of a file with one input, `x`, and nodes of an old set. */
const read = (opset: number, graph: ForeignGraph): Graph =>
  readOnnx(foreignModel(graphMessage({ inputs: [{ name: "x", code: 1 }], ...graph }), opset), "old.onnx");

const summary = (graph: Graph): string[] =>
  graph.nodes.map(({ op, inputs, outputs }) => `${op}(${inputs.join(", ")}) ${outputs.join(", ")}`);

describe("upgraded nodes", () => {
  it.for([
    [1, ["N", 10], 1],
    [1, [1, 1000, 1, 1], 1],
    [-1, undefined, -1],
    [-2, [2, 3, 1], -2],
  ] as const)("leave a Softmax over %s of %s as it is", ([axis, shape, expected]) => {
    const graph = read(11, {
      nodes: [{ op: "Softmax", inputs: ["x"], outputs: ["y"], attributes: { axis: int(axis) } }],
      outputs: [{ name: "y", code: 1, ...(shape && { shape }) }],
    });
    expect(summary(graph)).toEqual(["Softmax(x) y"]);
    expect(graph.nodes[0]!.attributes).toEqual({ axis: int(expected) });
  });

  it("make its axes one where they are more, or where nobody says how many they are", () => {
    const flat = [
      "Shape(x) y/shape",
      "Flatten(x) y/rows",
      "Softmax(y/rows) y/result",
      "Reshape(y/result, y/shape) y",
    ];
    for (const shape of [undefined, [2, 3, 4]]) {
      const graph = read(9, {
        nodes: [{ op: "Softmax", inputs: ["x"], outputs: ["y"] }],
        outputs: [{ name: "y", code: 1, ...(shape && { shape }) }],
      });
      expect(summary(graph)).toEqual(flat);
    }
  });

  it("take names that are free for what is new", () => {
    const graph = read(9, {
      nodes: [
        { op: "Unsqueeze", inputs: ["x"], outputs: ["y"], attributes: { axes: ints([0]) } },
        { op: "Neg", inputs: ["y"], outputs: ["y/axes"] },
      ],
      outputs: [{ name: "y/axes", code: 1 }],
    });
    expect(summary(graph)).toEqual(["Unsqueeze(x, y/axes_1) y", "Neg(y) y/axes"]);
  });

  it("enlarge by scales that are computed", async () => {
    const bytes = foreignModel(
      graphMessage({
        nodes: [
          { op: "Mul", inputs: ["half", "half"], outputs: ["scales"] },
          { op: "Resize", inputs: ["x", "scales"], outputs: ["y"] },
        ],
        inputs: [
          { name: "x", code: 1, shape: [1, 1, 2, 2] },
          { name: "half", code: 1, shape: [4] },
        ],
        outputs: [{ name: "y", code: 1 }],
      }),
      10,
    );
    const feeds = { x: float32([1, 1, 2, 2], [1, 2, 3, 4]), half: float32([4], [1, 1, 2 ** 0.5, 1]) };
    const expected = await runFile(bytes, feeds);
    expect(await runGraph(readOnnx(bytes, "old.onnx"), feeds)).toEqual(expected);
  });

  it("lose outputs that training alone had, if nobody reads them", () => {
    const normalize = (output: string): Graph =>
      read(9, {
        nodes: [
          {
            op: "BatchNormalization",
            inputs: ["x", "s", "b", "m", "v"],
            outputs: ["y", "mean", "var", "a", "c"],
          },
          { op: "Dropout", inputs: ["y"], outputs: ["z", "mask"] },
        ],
        constants: Object.fromEntries(["s", "b", "m", "v"].map((name) => [name, float32([2], [1, 2])])),
        outputs: [{ name: output, code: 1 }],
      });
    const graph = normalize("z");
    expect(summary(graph)).toEqual(["BatchNormalization(x, s, b, m, v) y", "Dropout(y, z/ratio) z"]);
    expect([...graph.values.keys()].sort()).toEqual(["b", "m", "s", "v", "x", "y", "z", "z/ratio"]);
    expect(() => normalize("mean")).toThrow(
      new UserError(
        'old.onnx: "mean", which the BatchNormalization "BatchNormalization y" gives in training alone, is read; export the model for inference.',
      ),
    );
    expect(() => normalize("mask")).toThrow(UserError);
  });

  it.for([
    ["sizes", ["", "", "s"], int64([2], [12, 9]), int64([4], [1, 12, 9, 3])],
    ["scales", ["", "s"], float32([2], [2, 1.6]), float32([4], [1, 2, 1.6, 1])],
  ] as const)(
    "name all axes of a Resize by %s, so that transposes may move past it",
    async ([, inputs, some, all]) => {
      const behindTranspose = (s: Tensor, axes?: readonly number[]): Uint8Array =>
        foreignModel(
          graphMessage({
            inputs: [{ name: "x", code: 1, shape: [1, 3, 8, 6] }],
            nodes: [
              { op: "Transpose", inputs: ["x"], outputs: ["t"], attributes: { perm: ints([0, 2, 3, 1]) } },
              {
                op: "Resize",
                inputs: ["t", ...inputs],
                outputs: ["r"],
                attributes: { mode: string("linear"), ...(axes && { axes: ints(axes) }) },
              },
              { op: "Transpose", inputs: ["r"], outputs: ["y"], attributes: { perm: ints([0, 3, 1, 2]) } },
            ],
            constants: { s },
            outputs: [{ name: "y", code: 1 }],
          }),
          19,
        );
      const feeds = {
        x: float32(
          [1, 3, 8, 6],
          Float32Array.from({ length: 144 }, (_, at) => Math.sin(at)),
        ),
      };
      const expected = await runFile(behindTranspose(all), feeds);
      for (const axes of [
        [1, 2],
        [-3, -2],
      ])
        expect(await runGraph(readOnnx(behindTranspose(some, axes), "a.onnx"), feeds)).toEqual(expected);
    },
  );

  it("stay as they are in newer sets", () => {
    for (const opset of [18, 21, 24]) {
      const attributes = { mode: string("nearest") };
      const graph = read(opset, {
        nodes: [{ op: "Resize", inputs: ["x", "", "s"], outputs: ["y"], attributes }],
        constants: { s: float32([1], [2]) },
        outputs: [{ name: "y", code: 1 }],
      });
      expect(graph.opset).toBe(opset);
      expect(graph.nodes[0]!.attributes).toEqual(attributes);
    }
  });
});
