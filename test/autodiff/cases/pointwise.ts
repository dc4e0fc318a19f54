import { float32, int64, type Tensor, zeros } from "../../../src/base/tensor.ts";
import { type Attributes, float, int, string, type Value } from "../../../src/graph/graph.ts";
import * as op from "../../../src/graph/operators/index.ts";
import { MARGIN, operator, type ValueOptions } from "../finite-differences.ts";
import {
  aroundZero,
  awayFromZero,
  broadcasting,
  type Cases,
  type DrawCase,
  positive,
  unary,
} from "./draws.ts";

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

/** In training mode with nothing to drop, as what is dropped is drawn anew with every run. */
const dropout: DrawCase = (d) => {
  const on: Tensor = { dtype: "bool", shape: [], data: Uint8Array.of(1) };
  const constants = d.pick([{}, { 1: float32([], [0.5]) }, { 1: float32([], [0]), 2: on }]);
  return operator("Dropout", [d.values(d.shape(2))], { constants });
};

const cast: DrawCase = (d) => ({
  inputs: { x: d.values(d.shape(3)) },
  build: (g, { x }) => op.cast(g, op.cast(g, x!, "float64"), "float32"),
});

const castLike: DrawCase = (d) => ({
  inputs: { x: d.values(d.shape(3)) },
  build(g, { x }) {
    const like = (value: Value, dtype: "float32" | "float64"): Value =>
      g.node({
        op: "CastLike",
        inputs: [value, g.constant(zeros(dtype, []))],
        outputs: [{ dtype, shape: value.shape }],
      })[0]!;
    return like(like(x!, "float64"), "float32");
  },
});

/** Quotients between whole numbers: of ±0.5…2.5 and of ±4.5…5.5 by 3…4. */
const modulo: DrawCase = (d) => {
  const [a, b] = broadcasting(d, 2) as [number[], number[]];
  const drawn = d.values(a, { low: -1, high: 1 });
  const numbers = drawn.data.map((value) => {
    const part = Math.abs(value);
    return Math.sign(value) * (part < 0.5 ? 0.5 + 4 * part : 3.5 + 2 * part);
  });
  const divisor = d.values(b, { low: 3, high: 4 });
  const sign = d.pick([1, -1]);
  return operator(
    "Mod",
    [
      float32(a, numbers),
      float32(
        b,
        divisor.data.map((value) => sign * value),
      ),
    ],
    {
      attributes: { fmod: int(1) },
    },
  );
};

const gelu: DrawCase = (d) =>
  operator("Gelu", [d.values(d.shape(3))], {
    opset: 20,
    attributes: d.pick([{}, { approximate: string("none") }, { approximate: string("tanh") }]),
  });

const within = (bound: number): ValueOptions => ({ low: -bound, high: bound });

/** ONNX Runtime's own activations, with a bias along the last axis or without. */
const contributed =
  (name: string, bias: boolean | undefined, attributes: Attributes = {}): DrawCase =>
  (d) => {
    const shape = d.shape(d.integer(2, 3));
    const biased = bias ?? d.flag();
    // Far below 0 the kernels' own rounding is larger than what they give.
    const near = within(1);
    return operator(name, [d.values(shape, near), ...(biased ? [d.values(shape.slice(-1), near)] : [])], {
      domain: "com.microsoft",
      attributes: d.flag() ? attributes : {},
    });
  };

const HALVES = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5];
const WHOLES = [-2, -1, 0, 1, 2];

export const pointwiseCases: Cases = {
  Abs: unary("Abs", aroundZero),
  Acos: unary("Acos", within(0.7)),
  Acosh: unary("Acosh", { low: 1.5, high: 3 }),
  Add: pairwise("Add"),
  Asin: unary("Asin", within(0.7)),
  Asinh: unary("Asinh"),
  Atan: unary("Atan"),
  Atanh: unary("Atanh", within(0.7)),
  Cast: cast,
  CastLike: castLike,
  Ceil: step("Ceil", WHOLES),
  Celu: unary("Celu", aroundZero, (d) => (d.flag() ? { alpha: float(0.7) } : {})),
  Clip: clip,
  ConstantOfShape: constantOfShape,
  Cos: unary("Cos"),
  Cosh: unary("Cosh"),
  Div: pairwise("Div", {}, awayFromZero),
  Dropout: dropout,
  Elu: unary("Elu", aroundZero, (d) => (d.flag() ? { alpha: float(0.7) } : {})),
  Erf: unary("Erf"),
  Exp: unary("Exp"),
  Floor: step("Floor", WHOLES),
  Gelu: gelu,
  HardSigmoid: unary("HardSigmoid", { kinks: [-2.5, 2.5, -1.25, 1.25] }, (d) =>
    d.flag() ? { alpha: float(0.4) } : {},
  ),
  HardSwish: unary("HardSwish", { low: -4, high: 4, kinks: [-3, 3] }),
  Identity: unary("Identity"),
  LeakyRelu: unary("LeakyRelu", aroundZero, (d) => (d.flag() ? { alpha: float(0.2) } : {})),
  Log: unary("Log", positive),
  LogSoftmax: along("LogSoftmax"),
  Max: extremum("Max"),
  Mean: variadic("Mean"),
  Min: extremum("Min"),
  Mish: unary("Mish"),
  Mod: modulo,
  Mul: pairwise("Mul"),
  Neg: unary("Neg"),
  PRelu: pRelu,
  Pow: pow,
  Reciprocal: unary("Reciprocal", awayFromZero),
  Relu: unary("Relu", aroundZero),
  Round: step("Round", HALVES),
  Selu: unary("Selu", aroundZero, (d) => (d.flag() ? { alpha: float(1.2), gamma: float(0.9) } : {})),
  Shrink: unary("Shrink", { kinks: [-0.5, 0.5, -0.9, 0.9] }, (d) =>
    d.flag() ? { lambd: float(0.9), bias: float(0.3) } : {},
  ),
  Sigmoid: unary("Sigmoid"),
  Sign: step("Sign", [0]),
  Sin: unary("Sin"),
  Sinh: unary("Sinh"),
  Softmax: along("Softmax"),
  Softplus: unary("Softplus"),
  // Its second derivative jumps at 0, which a difference of fourth order does not forgive.
  Softsign: unary("Softsign", aroundZero),
  Sqrt: unary("Sqrt", positive),
  Sub: pairwise("Sub"),
  Sum: variadic("Sum"),
  Swish: (d) =>
    operator("Swish", [d.values(d.shape(3))], {
      opset: 24,
      attributes: d.flag() ? { alpha: float(1.4) } : {},
    }),
  Tan: unary("Tan", within(1)),
  Tanh: unary("Tanh"),
  ThresholdedRelu: unary("ThresholdedRelu", { kinks: [1, 0.3] }, (d) =>
    d.flag() ? { alpha: float(0.3) } : {},
  ),
  Where: where,
  "com.microsoft.BiasGelu": contributed("BiasGelu", true),
  "com.microsoft.FastGelu": contributed("FastGelu", undefined),
  "com.microsoft.Gelu": contributed("Gelu", false),
  "com.microsoft.QuickGelu": contributed("QuickGelu", false, { alpha: float(1.2) }),
};
