import { float32, int64, type Tensor } from "../../src/base/tensor.ts";
import { type Attributes, float, int, ints, string } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { type Case, type Draws, MARGIN, operator, type ValueOptions } from "./finite-differences.ts";

type DrawCase = (d: Draws) => Case;

const whole = (values: readonly number[]): Tensor => int64([values.length], values);

const unary =
  (name: string, options?: ValueOptions, attributes: (d: Draws) => Attributes = () => ({})): DrawCase =>
  (d) =>
    operator(name, [d.values(d.shape(d.integer(1, 4)), options)], { attributes: attributes(d) });

/** Two shapes that broadcast: extents fall to 1 and leading ones away. */
function broadcasting(d: Draws, count: number): number[][] {
  const full = d.shape(d.integer(1, 4));
  return Array.from({ length: count }, (_, at) => {
    const shape = full.map((extent) => (at && d.flag() ? 1 : extent));
    return at ? shape.slice(d.integer(0, shape.length)) : shape;
  });
}

const pairwise =
  (name: string, left?: ValueOptions, right: ValueOptions | undefined = left): DrawCase =>
  (d) => {
    const [a, b] = broadcasting(d, 2) as [number[], number[]];
    const operands = [d.values(a, left), d.values(b, right)];
    return operator(name, operands);
  };

const variadic =
  (name: string): DrawCase =>
  (d) =>
    operator(
      name,
      broadcasting(d, d.integer(1, 3)).map((shape) => d.values(shape)),
    );

/** Operands that never come near each other: each has its own residue on a grid. */
const extremum =
  (name: string): DrawCase =>
  (d) => {
    const shapes = broadcasting(d, d.integer(1, 3));
    return operator(
      name,
      shapes.map((shape, at) => {
        const base = d.distinct(shape);
        return float32(
          shape,
          base.data.map((value) => value * shapes.length + at * MARGIN),
        );
      }),
    );
  };

interface Window {
  readonly extents: number[];
  readonly kernel: number[];
  readonly attributes: Record<string, Attributes[string]>;
}

/** A sliding window over one to three axes, with strides, dilations and pads or `auto_pad`. */
function sliding(d: Draws, { dilated = true }: { dilated?: boolean } = {}): Window {
  const rank = d.pick([1, 2, 2, 2, 3]);
  const kernel = d.shape(rank, 1, 3);
  const mode = d.pick(["", "", "", "SAME_UPPER", "SAME_LOWER", "VALID"]);
  // ONNX Runtime refuses SAME windows that are dilated, or so far apart that the pads would be negative.
  const strides = kernel.map((size) => d.integer(1, mode.startsWith("SAME") ? size : 3));
  const dilations = dilated && !mode.startsWith("SAME") ? d.shape(rank, 1, 2) : kernel.map(() => 1);
  const reach = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  // A pad as wide as the kernel would make windows of nothing but padding, which ONNX Runtime refuses.
  const pads = [...kernel, ...kernel].map((size) => d.integer(0, size - 1));
  return {
    kernel,
    extents: reach.map((size) => size + d.integer(0, 4)),
    attributes: {
      kernel_shape: ints(kernel),
      ...(d.flag() || strides.some((stride) => stride > 1) ? { strides: ints(strides) } : {}),
      ...(dilations.some((dilation) => dilation > 1) ? { dilations: ints(dilations) } : {}),
      ...(mode ? { auto_pad: string(mode) } : d.flag() ? { pads: ints(pads) } : {}),
    },
  };
}

const conv: DrawCase = (d) => {
  const { extents, kernel, attributes } = sliding(d);
  const group = d.integer(1, 3);
  const [per, filters] = [d.integer(1, 2), group * d.integer(1, 2)];
  return operator(
    "Conv",
    [
      d.values([d.integer(1, 2), group * per, ...extents]),
      d.values([filters, per, ...kernel]),
      ...(d.flag() ? [d.values([filters])] : []),
    ],
    { attributes: { ...attributes, ...(group > 1 ? { group: int(group) } : {}) } },
  );
};

const convTranspose: DrawCase = (d) => {
  const rank = d.pick([1, 2, 2, 2, 3]);
  const kernel = d.shape(rank, 1, 3);
  const strides = d.shape(rank, 1, 3);
  const dilations = d.shape(rank, 1, 2);
  const reach = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  const pads = [...reach, ...reach].map((size) => d.integer(0, Math.min(1, size - 1)));
  const group = d.integer(1, 2);
  const channels = group * d.integer(1, 2);
  const filters = d.integer(1, 2);
  const extents = d.shape(rank, 2, 4);
  const way = d.pick(["pads", "pads", "output_shape", "SAME_UPPER", "SAME_LOWER"]);
  const full = extents.map((extent, axis) => (extent - 1) * strides[axis]! + reach[axis]!);
  return operator(
    "ConvTranspose",
    [
      d.values([d.integer(1, 2), channels, ...extents]),
      d.values([channels, filters, ...kernel]),
      ...(d.flag() ? [d.values([group * filters])] : []),
    ],
    {
      attributes: {
        kernel_shape: ints(kernel),
        strides: ints(strides),
        dilations: ints(dilations),
        group: int(group),
        ...(way === "pads"
          ? { pads: ints(pads), output_padding: ints(strides.map((stride) => d.integer(0, stride - 1))) }
          : way === "output_shape"
            ? { output_shape: ints(full.map((extent) => extent - d.integer(0, 1))) }
            : { auto_pad: string(way) }),
      },
    },
  );
};

const maxPool: DrawCase = (d) => {
  const { extents, attributes } = sliding(d);
  const ceil = d.flag() && !attributes.auto_pad;
  return operator("MaxPool", [d.distinct([...d.shape(2, 1, 2), ...extents])], {
    attributes: { ...attributes, ...(ceil ? { ceil_mode: int(1) } : {}) },
  });
};

const averagePool: DrawCase = (d) => {
  const { extents, attributes } = sliding(d, { dilated: false });
  const ceil = d.flag() && !attributes.auto_pad;
  return operator("AveragePool", [d.values([...d.shape(2, 1, 2), ...extents])], {
    attributes: {
      ...attributes,
      ...(ceil ? { ceil_mode: int(1) } : {}),
      ...(d.flag() ? { count_include_pad: int(1) } : {}),
    },
  });
};

const maxUnpool: DrawCase = (d) => {
  const [n, c, h, w] = d.shape(4, 1, 3) as [number, number, number, number];
  const shape = [n, c, 2 * h, 2 * w];
  const places = d.shuffled(Array.from({ length: 4 * n * c * h * w }, (_, at) => at));
  return operator("MaxUnpool", [d.values([n, c, h, w])], {
    constants: { 1: int64([n, c, h, w], places.slice(0, n * c * h * w)), 2: whole(shape) },
    attributes: { kernel_shape: ints([2, 2]), strides: ints([2, 2]) },
  });
};

const gemm: DrawCase = (d) => {
  const [m, k, n] = d.shape(3) as [number, number, number];
  const [transA, transB] = [d.flag(), d.flag()];
  const bias = d.pick([undefined, [], [n], [1, n], [m, 1], [m, n]]);
  return operator(
    "Gemm",
    [
      d.values(transA ? [k, m] : [m, k]),
      d.values(transB ? [n, k] : [k, n]),
      ...(bias ? [d.values(bias)] : []),
    ],
    {
      attributes: {
        transA: int(Number(transA)),
        transB: int(Number(transB)),
        ...(d.flag() ? { alpha: float(0.5), beta: float(-1.5) } : {}),
      },
    },
  );
};

/** Shapes of two operands of a batched product, their batches broadcasting. */
function batches(d: Draws): [number[], number[]] {
  const batch = d.shape(d.integer(0, 2), 1, 3);
  const thin = (): number[] =>
    batch.map((extent) => (d.flag() ? 1 : extent)).slice(d.integer(0, batch.length));
  return d.flag() ? [batch, thin()] : [thin(), batch];
}

const matMul: DrawCase = (d) => {
  const [m, k, n] = d.shape(3) as [number, number, number];
  const [left, right] = batches(d);
  return d.pick([
    () => operator("MatMul", [d.values([...left, m, k]), d.values([...right, k, n])]),
    () => operator("MatMul", [d.values([k]), d.values([...right, k, n])]),
    () => operator("MatMul", [d.values([...left, m, k]), d.values([k])]),
    () => operator("MatMul", [d.values([k]), d.values([k])]),
  ])();
};

const fusedMatMul: DrawCase = (d) => {
  const [m, k, n] = d.shape(3) as [number, number, number];
  const [left, right] = batches(d);
  const [transA, transB] = [d.flag(), d.flag()];
  return operator(
    "FusedMatMul",
    [d.values([...left, ...(transA ? [k, m] : [m, k])]), d.values([...right, ...(transB ? [n, k] : [k, n])])],
    {
      domain: "com.microsoft",
      attributes: {
        transA: int(Number(transA)),
        transB: int(Number(transB)),
        ...(d.flag() ? { alpha: float(0.5) } : {}),
      },
    },
  );
};

/** Some axes of a rank, in any order, from either end; none stands for all. */
function someAxes(d: Draws, rank: number): number[] {
  const axes = d.shuffled(Array.from({ length: rank }, (_, axis) => axis)).slice(0, d.integer(0, rank));
  return axes.map((axis) => (d.flag() ? axis - rank : axis));
}

const reduction =
  (name: string, options?: ValueOptions): DrawCase =>
  (d) => {
    const shape = d.shape(d.integer(1, 4));
    const axes = someAxes(d, shape.length);
    const plain = ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"].includes(name);
    const tensor =
      name === "ReduceMax" || name === "ReduceMin" ? d.distinct(shape) : d.values(shape, options);
    return operator(name, [tensor], {
      attributes: {
        keepdims: int(Number(d.flag())),
        // What is left of a norm when nothing is reduced the standard does not say.
        ...(plain && d.flag() ? { noop_with_empty_axes: int(1) } : {}),
      },
      ...(axes.length > 0 || d.flag() ? { constants: { 1: whole(axes) } } : {}),
    });
  };

const slice: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4), 1, 6);
  const axes = someAxes(d, shape.length);
  const chosen = axes.length > 0 ? axes : [0];
  const bounds = chosen.map((axis) => {
    const extent = shape.at(axis)!;
    const step = d.pick([1, 1, 2, 3, -1, -2]);
    const [first, last] = [d.integer(0, extent - 1), d.integer(0, extent - 1)].sort((a, b) => a - b) as [
      number,
      number,
    ];
    // From either end, and past the ends; going back to the very first needs a far negative end.
    const from = step > 0 ? first : last;
    const to = step > 0 ? last + 1 : first - 1;
    return {
      start: d.flag() ? from - extent : from === extent - 1 && step < 0 && d.flag() ? from + 10 : from,
      end: to < 0 ? -extent - 5 : to === extent ? extent + d.integer(0, 9) : d.flag() ? to - extent : to,
      step,
    };
  });
  const plain = bounds.every(({ step }) => step === 1);
  const inOrder = chosen.every((axis, at) => axis === at);
  return operator("Slice", [d.values(shape)], {
    constants: {
      1: whole(bounds.map(({ start }) => start)),
      2: whole(bounds.map(({ end }) => end)),
      ...(inOrder && plain && d.flag() ? {} : { 3: whole(chosen) }),
      ...(plain ? {} : { 4: whole(bounds.map(({ step }) => step)) }),
    },
  });
};

const pad: DrawCase = (d) => {
  const mode = d.pick(["constant", "constant", "reflect", "edge"]);
  const shape = d.shape(d.integer(1, 4), 3, 5);
  const lowest = mode === "constant" ? -1 : 0;
  const pads = [...shape, ...shape].map(() => d.integer(lowest, 2));
  const constants = { 1: whole(pads) };
  const inputs = [d.values(shape), ...(mode === "constant" && d.flag() ? [d.values([])] : [])];
  return operator("Pad", inputs, {
    constants,
    attributes: mode === "constant" && d.flag() ? {} : { mode: string(mode) },
  });
};

const gather: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4));
  const axis = d.integer(-shape.length, shape.length - 1);
  const extent = shape.at(axis)!;
  const chosen = d.shape(d.integer(0, 2), 1, 3);
  const count = chosen.reduce((product, size) => product * size, 1);
  const indices = Array.from({ length: count }, () => d.integer(-extent, extent - 1));
  return operator("Gather", [d.values(shape)], {
    constants: { 1: int64(chosen, indices) },
    attributes: d.flag() && axis === 0 ? {} : { axis: int(axis) },
  });
};

/** Indices for the element-wise gathers and scatters: along one axis, the others no longer than `shape`. */
function elementIndices(d: Draws, shape: readonly number[], axis: number, repeated: boolean): Tensor {
  const extent = shape[axis]!;
  const size = shape.map((other, at) =>
    at === axis ? d.integer(1, repeated ? extent + 2 : extent) : d.integer(1, other),
  );
  const after = size.slice(axis + 1).reduce((product, other) => product * other, 1);
  const count = size.reduce((product, other) => product * other, 1);
  const order = d.shuffled(Array.from({ length: extent }, (_, at) => at));
  return int64(
    size,
    Array.from({ length: count }, (_, at) =>
      repeated ? d.integer(-extent, extent - 1) : order[Math.floor(at / after) % size[axis]!]!,
    ),
  );
}

const gatherElements: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 3));
  const axis = d.integer(0, shape.length - 1);
  return operator("GatherElements", [d.values(shape)], {
    constants: { 1: elementIndices(d, shape, axis, true) },
    attributes: { axis: int(axis) },
  });
};

const scatterElements: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 3));
  const axis = d.integer(0, shape.length - 1);
  const add = d.flag();
  const indices = elementIndices(d, shape, axis, add);
  return operator("ScatterElements", [d.values(shape), d.values(indices.shape)], {
    constants: { 1: indices },
    attributes: { axis: int(axis), ...(add ? { reduction: string("add") } : {}) },
  });
};

const resize: DrawCase = (d) => {
  const rank = d.pick([3, 4, 4, 4, 5]);
  const mode = rank === 4 ? d.pick(["nearest", "linear"]) : d.pick(["nearest", "linear"]);
  const shape = [...d.shape(2, 1, 2), ...d.shape(rank - 2, 1, 5)];
  const sizes = shape.map((extent, axis) => (axis < 2 ? extent : d.integer(1, 9)));
  const scales = shape.map((_, axis) => (axis < 2 ? 1 : d.pick([0.5, 0.7, 1, 1.5, 2, 3])));
  // A scale must leave at least one element.
  const usable = shape.every((extent, axis) => Math.floor(extent * scales[axis]!) > 0);
  const byScale = usable && d.flag();
  return operator("Resize", [d.values(shape)], {
    constants: {
      1: null,
      2: byScale ? float32([rank], scales) : null,
      ...(byScale ? {} : { 3: whole(sizes) }),
    },
    attributes: {
      mode: string(mode),
      coordinate_transformation_mode: string(
        d.pick(["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]),
      ),
      ...(mode === "nearest"
        ? { nearest_mode: string(d.pick(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])) }
        : {}),
    },
  });
};

const concat: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4));
  const axis = d.integer(-shape.length, shape.length - 1);
  const parts = Array.from({ length: d.integer(1, 3) }, () => d.values(shape.with(axis, d.integer(1, 3))));
  return operator("Concat", parts, { attributes: { axis: int(axis) } });
};

const split: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4));
  const axis = d.integer(-shape.length, shape.length - 1);
  const parts = d.shape(d.integer(1, 3), 1, 3);
  const equal = parts.map(() => parts[0]!);
  const listed = d.flag();
  const extents = listed ? parts : equal;
  return operator(
    "Split",
    [
      d.values(
        shape.with(
          axis,
          extents.reduce((a, b) => a + b),
        ),
      ),
    ],
    {
      outputs: parts.length,
      attributes: { axis: int(axis), ...(listed ? {} : { num_outputs: int(parts.length) }) },
      ...(listed ? { constants: { 1: whole(extents) } } : {}),
    },
  );
};

const batchNormalization: DrawCase = (d) => {
  const shape = d.shape(d.integer(2, 5));
  const channel = [shape[1]!];
  return operator(
    "BatchNormalization",
    [
      d.values(shape),
      d.values(channel),
      d.values(channel),
      d.values(channel),
      d.values(channel, { low: 0.5, high: 2 }),
    ],
    { attributes: d.flag() ? { epsilon: float(0.1) } : {} },
  );
};

const layerNormalization: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4), 2, 4);
  const axis = d.integer(-shape.length, shape.length - 1);
  const inner = shape.slice(axis);
  return operator(
    "LayerNormalization",
    [d.values(shape), d.values(inner), ...(d.flag() ? [d.values(inner)] : [])],
    { attributes: { ...(axis === -1 ? {} : { axis: int(axis) }), epsilon: float(0.1) } },
  );
};

const instanceNormalization: DrawCase = (d) => {
  const shape = [...d.shape(2), ...d.shape(d.integer(1, 2), 2, 4)];
  const channel = [shape[1]!];
  return operator("InstanceNormalization", [d.values(shape), d.values(channel), d.values(channel)], {
    attributes: { epsilon: float(0.1) },
  });
};

const localResponse: DrawCase = (d) =>
  operator("LRN", [d.values([d.integer(1, 2), d.integer(1, 6), ...d.shape(2, 1, 3)])], {
    attributes: {
      // ONNX Runtime takes odd sizes only.
      size: int(d.pick([1, 3, 5])),
      ...(d.flag() ? { alpha: float(0.5), beta: float(0.6), bias: float(2) } : {}),
    },
  });

const reshaping =
  (name: string): DrawCase =>
  (d) => {
    const shape = d.shape(4);
    const flat = shape.reduce((product, extent) => product * extent, 1);
    switch (name) {
      case "Flatten":
        return operator(name, [d.values(shape)], { attributes: { axis: int(d.integer(-4, 4)) } });
      case "Squeeze":
        return operator(
          name,
          [d.values([1, ...shape, 1])],
          d.flag() ? { constants: { 1: whole([-1, 0]) } } : {},
        );
      case "Unsqueeze":
        return operator(name, [d.values(shape)], { constants: { 1: whole(d.pick([[0], [-1, 2], [5, 0]])) } });
      case "Reshape":
        return operator(name, [d.values(shape)], {
          constants: { 1: whole(d.pick([[-1], [0, -1], [flat, 1], [shape[0]!, 0, -1]])) },
        });
      default:
        return operator(name, [d.values(shape)]);
    }
  };

const expand: DrawCase = (d) => {
  const [full, part] = broadcasting(d, 2) as [number[], number[]];
  return operator("Expand", [d.values(part)], { constants: { 1: whole(full) } });
};

const tile: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4), 1, 3);
  return operator("Tile", [d.values(shape)], { constants: { 1: whole(d.shape(shape.length, 1, 3)) } });
};

const transpose: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 4));
  const permutation = d.shuffled(shape.map((_, axis) => axis));
  return operator("Transpose", [d.values(shape)], {
    attributes: d.flag() ? { perm: ints(permutation) } : {},
  });
};

const depthToSpace: DrawCase = (d) => {
  const [n, c, h, w] = d.shape(4, 1, 3) as [number, number, number, number];
  const block = d.integer(1, 3);
  return operator("DepthToSpace", [d.values([n, c * block ** 2, h, w])], {
    attributes: { blocksize: int(block), ...(d.flag() ? { mode: string(d.pick(["DCR", "CRD"])) } : {}) },
  });
};

const spaceToDepth: DrawCase = (d) => {
  const [n, c, h, w] = d.shape(4, 1, 3) as [number, number, number, number];
  const block = d.integer(1, 3);
  return operator("SpaceToDepth", [d.values([n, c, h * block, w * block])], {
    attributes: { blocksize: int(block) },
  });
};

const pRelu: DrawCase = (d) => {
  const shape = d.shape(4);
  const slopes = d.pick([[1], [shape[1]!, 1, 1], shape]);
  return operator("PRelu", [d.values(shape, { kinks: [0] }), d.values(slopes)]);
};

const clip: DrawCase = (d) => {
  const bounds = { low: -1, high: 1.25 };
  const scalar = (value: number): Tensor<"float32"> => float32([], [value]);
  const x = d.values(d.shape(d.integer(1, 4)), { kinks: Object.values(bounds) });
  // As inputs they want gradients of their own; as constants, one of them may be left out.
  return d.pick([
    () => operator("Clip", [x, scalar(bounds.low), scalar(bounds.high)]),
    () => operator("Clip", [x], { constants: { 1: scalar(bounds.low) } }),
    () => operator("Clip", [x], { constants: { 1: null, 2: scalar(bounds.high) } }),
    () => operator("Clip", [x]),
  ])();
};

const where: DrawCase = (d) => {
  const [full, a, b] = broadcasting(d, 3) as [number[], number[], number[]];
  const size = full.reduce((product, extent) => product * extent, 1);
  const data = Uint8Array.from({ length: size }, () => d.integer(0, 1));
  return operator("Where", [d.values(a), d.values(b)], {
    constants: { 0: { dtype: "bool", shape: full, data } },
  });
};

/** Integer powers of any base; with a power that varies, positive bases. */
const pow: DrawCase = (d) => {
  const [full, part] = broadcasting(d, 2) as [number[], number[]];
  const positive = { low: 0.5, high: 2 };
  return d.pick([
    () => operator("Pow", [d.values(full, positive), d.values(part)]),
    () => operator("Pow", [d.values(full)], { constants: { 1: float32([], [d.integer(0, 3)]) } }),
    () => operator("Pow", [d.values(full)], { constants: { 1: int64([], [d.integer(0, 3)]) } }),
    () => operator("Pow", [d.values(full, positive)], { constants: { 1: float32([], [-0.5]) } }),
  ])();
};

const along =
  (name: string): DrawCase =>
  (d) => {
    const shape = d.shape(d.integer(1, 4));
    const axis = d.integer(-shape.length, shape.length - 1);
    return operator(name, [d.values(shape)], { attributes: axis === -1 ? {} : { axis: int(axis) } });
  };

/** `x · f(x)`, for an `f` without slope: only the other factor's gradient is left. */
const step =
  (name: string, kinks: readonly number[]): DrawCase =>
  (d) => {
    const x = d.values(d.shape(3), { kinks });
    return {
      inputs: { x },
      build(g, { x }) {
        const [level] = g.node({ op: name, inputs: [x], outputs: [{ dtype: "float32", shape: x!.shape }] });
        return op.mul(g, x!, level!);
      },
    };
  };

const constantOfShape: DrawCase = (d) => ({
  inputs: { x: d.values(d.shape(2)) },
  build(g, { x }) {
    const [shape] = g.node({ op: "Shape", inputs: [x], outputs: [{ dtype: "int64", shape: [2] }] });
    const [twos] = g.node({
      op: "ConstantOfShape",
      inputs: [shape],
      attributes: { value: { type: "tensor", value: float32([1], [2]) } },
      outputs: [{ dtype: "float32", shape: x!.shape }],
    });
    return op.mul(g, x!, twos!);
  },
});

/** There and back: a blocked value cannot be an output. */
const reordered: DrawCase = (d) => ({
  inputs: { x: d.values([d.integer(1, 2), 16 * d.integer(1, 2), ...d.shape(2)]) },
  build: (g, { x }) => op.reorderOutput(g, op.reorderInput(g, x!)),
});

const dropout: DrawCase = (d) =>
  operator("Dropout", [d.values(d.shape(2))], d.flag() ? { constants: { 1: float32([], [0.5]) } } : {});

const cast: DrawCase = (d) => ({
  inputs: { x: d.values(d.shape(3)) },
  build: (g, { x }) => op.cast(g, op.cast(g, x!, "float64"), "float32"),
});

const HALVES = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5];
const WHOLES = [-2, -1, 0, 1, 2];
const positive: ValueOptions = { low: 0.5, high: 2 };
const aroundZero: ValueOptions = { kinks: [0] };
const awayFromZero: ValueOptions = {
  low: -2,
  high: 2,
  kinks: [-0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4],
};

/** How to draw a case of each operator that has a rule. */
export const cases: Readonly<Record<string, DrawCase>> = {
  Abs: unary("Abs", aroundZero),
  Add: pairwise("Add"),
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Cast: cast,
  Ceil: step("Ceil", WHOLES),
  Celu: unary("Celu", aroundZero, (d) => (d.flag() ? { alpha: float(0.7) } : {})),
  Clip: clip,
  Concat: concat,
  ConstantOfShape: constantOfShape,
  Conv: conv,
  ConvTranspose: convTranspose,
  Cos: unary("Cos"),
  DepthToSpace: depthToSpace,
  Div: pairwise("Div", {}, awayFromZero),
  Dropout: dropout,
  Elu: unary("Elu", aroundZero, (d) => (d.flag() ? { alpha: float(0.7) } : {})),
  Erf: unary("Erf"),
  Exp: unary("Exp"),
  Expand: expand,
  Flatten: reshaping("Flatten"),
  Floor: step("Floor", WHOLES),
  Gather: gather,
  GatherElements: gatherElements,
  Gemm: gemm,
  GlobalAveragePool: (d) => operator("GlobalAveragePool", [d.values(d.shape(d.integer(3, 5)))]),
  GlobalMaxPool: (d) => operator("GlobalMaxPool", [d.distinct(d.shape(d.integer(3, 5)))]),
  HardSigmoid: unary("HardSigmoid", { kinks: [-2.5, 2.5, -1.25, 1.25] }, (d) =>
    d.flag() ? { alpha: float(0.4) } : {},
  ),
  HardSwish: unary("HardSwish", { low: -4, high: 4, kinks: [-3, 3] }),
  Identity: unary("Identity"),
  InstanceNormalization: instanceNormalization,
  LRN: localResponse,
  LayerNormalization: layerNormalization,
  LeakyRelu: unary("LeakyRelu", aroundZero, (d) => (d.flag() ? { alpha: float(0.2) } : {})),
  Log: unary("Log", positive),
  LogSoftmax: along("LogSoftmax"),
  MatMul: matMul,
  Max: extremum("Max"),
  MaxPool: maxPool,
  MaxUnpool: maxUnpool,
  Mean: variadic("Mean"),
  Min: extremum("Min"),
  Mul: pairwise("Mul"),
  Neg: unary("Neg"),
  PRelu: pRelu,
  Pad: pad,
  Pow: pow,
  Reciprocal: unary("Reciprocal", awayFromZero),
  ReduceL2: reduction("ReduceL2", positive),
  ReduceLogSumExp: reduction("ReduceLogSumExp"),
  ReduceMax: reduction("ReduceMax"),
  ReduceMean: reduction("ReduceMean"),
  ReduceMin: reduction("ReduceMin"),
  ReduceSum: reduction("ReduceSum"),
  Relu: unary("Relu", aroundZero),
  Reshape: reshaping("Reshape"),
  Resize: resize,
  Round: step("Round", HALVES),
  ScatterElements: scatterElements,
  Selu: unary("Selu", aroundZero, (d) => (d.flag() ? { alpha: float(1.2), gamma: float(0.9) } : {})),
  Sigmoid: unary("Sigmoid"),
  Sign: step("Sign", [0]),
  Sin: unary("Sin"),
  Slice: slice,
  Softmax: along("Softmax"),
  Softplus: unary("Softplus"),
  // Its second derivative jumps at 0, which a difference of fourth order does not forgive.
  Softsign: unary("Softsign", aroundZero),
  SpaceToDepth: spaceToDepth,
  Split: split,
  Sqrt: unary("Sqrt", positive),
  Squeeze: reshaping("Squeeze"),
  Sub: pairwise("Sub"),
  Sum: variadic("Sum"),
  Tanh: unary("Tanh"),
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: reshaping("Unsqueeze"),
  Where: where,
  "com.microsoft.FusedMatMul": fusedMatMul,
  "com.microsoft.nchwc.ReorderInput": reordered,
  "com.microsoft.nchwc.ReorderOutput": reordered,
};
