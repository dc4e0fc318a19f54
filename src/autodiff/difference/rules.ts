import { fixedNumbers } from "../constants.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";
import { rules as gradientRules } from "../rules/index.ts";
import { extremum, globalMaxPool, maxPool, reducedExtremum } from "./maxima.ts";
import { byQuotient, division } from "./quotients.ts";
import { type DifferenceRule, refuse } from "./rule.ts";
import { byMeanSlope, bySlope, product } from "./slopes.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import type { Twins } from "./twins.ts";

/** Sums, moves and weighted means of what they read. */
const linear = [
  ..."Add Sub Sum Mean Neg Identity Dropout Cast CastLike Where CumSum ReduceSum ReduceMean".split(" "),
  ..."Concat Split Expand Flatten Reshape Squeeze Unsqueeze Tile Transpose".split(" "),
  ..."Gather GatherElements GatherND Slice Pad Resize Trilu DepthToSpace SpaceToDepth".split(" "),
  ..."AveragePool GlobalAveragePool".split(" "),
];

/** Linear in each of two activations. */
const products = "Mul MatMul Gemm Conv ConvTranspose Einsum com.microsoft.FusedMatMul".split(" ");

/** Functions of a single number, element by element. */
const functions = [
  ..."Abs Exp Log Sqrt Reciprocal Erf Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh".split(" "),
  ..."Relu LeakyRelu PRelu Elu Selu Celu Clip ThresholdedRelu Shrink Softplus Softsign".split(" "),
  ..."Sigmoid HardSigmoid Tanh Gelu HardSwish Mish Swish".split(" "),
  ..."BiasGelu FastGelu Gelu QuickGelu".split(" ").map((name) => `com.microsoft.${name}`),
];

/** A square is a product; other fixed powers are functions of a number. */
const power: DifferenceRule = (context) =>
  fixedNumbers(context, 1)?.every((exponent) => exponent === 2) ? byMeanSlope(context) : byQuotient(context);

/** With stored statistics. */
const batchNormalization: DifferenceRule = (context) =>
  attribute(context.node, "training_mode", 0) ? refuse(context) : bySlope(context);

const all = (names: readonly string[], rule: DifferenceRule): Record<string, DifferenceRule> =>
  Object.fromEntries(names.map((name) => [name, rule]));

const differences: Readonly<Record<string, DifferenceRule>> = {
  ...all(Object.keys(gradientRules), refuse),
  ...all(linear, bySlope),
  ...all(products, product),
  ...all(functions, byQuotient),
  BatchNormalization: batchNormalization,
  Div: division,
  GlobalMaxPool: globalMaxPool,
  LogSoftmax: logSoftmax,
  Max: extremum,
  MaxPool: maxPool,
  Min: extremum,
  Pow: power,
  ReduceMax: reducedExtremum,
  ReduceMin: reducedExtremum,
  ReduceSumSquare: byMeanSlope,
  Softmax: softmax,
};

/**
 * Rules by which `gradient` hands back multipliers: what part of the score's difference from the reference's each element accounts for, over its
 * own difference. Every rule keeps the sum of `m Δ`, but for rounding, so that the input's is the score's difference.
 * @throws UserError when it comes to an operator without such a rule
 */
export function differenceRules({ referenceOf }: Twins): Ruleset {
  return Object.fromEntries(
    Object.entries(differences).map(([name, rule]): [string, Rule] => [
      name,
      (context) => rule({ ...context, referenceOf }),
    ]),
  );
}
