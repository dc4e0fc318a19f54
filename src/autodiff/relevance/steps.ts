import { UserError } from "../../base/errors.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast } from "../broadcast.ts";
import { scale } from "../pointwise.ts";
import type { Rule, Ruleset } from "../rule.ts";
import { rules as gradientRules } from "../rules/index.ts";
import { gateOf } from "./gate.ts";
import { normalizations } from "./normalization.ts";
import { perUnit } from "./share.ts";

const table = (operators: readonly string[], ruleOf: (operator: string) => Rule): Ruleset =>
  Object.fromEntries(operators.map((operator) => [operator, ruleOf(operator)]));

/** Relevance goes with what is moved or chosen, as gradients do. */
const routing: Ruleset = table(
  [
    ...[
      "Identity",
      "Dropout",
      "Cast",
      "CastLike",
      "Max",
      "Min",
      "Where",
      "MaxPool",
      "GlobalMaxPool",
      "MaxUnpool",
    ],
    ...["Concat", "DepthToSpace", "Expand", "Flatten", "Reshape", "SpaceToDepth", "Split", "Squeeze", "Tile"],
    ...["Transpose", "Unsqueeze", "Gather", "GatherElements", "GatherND", "Pad", "ReduceMax", "ReduceMin"],
    ...["ScatterElements", "ScatterND", "Slice", "Trilu"],
  ],
  (operator) => gradientRules[operator]!,
);

/** All of it to the input that it comes from: nothing else is mixed in. An input that was repeated gets the sum. */
export const pass: Rule = ({ g, inputs, gradients, needs }) =>
  inputs.map((input, at) => (needs[at] ? unbroadcast(g, gradients[0]!, input!) : undefined));

/** Functions of each element, and normalizations that only scale it by a number taken as a constant. */
const passing: Ruleset = table(
  [
    ...[
      "Abs",
      "Celu",
      "Clip",
      "Elu",
      "Erf",
      "Exp",
      "Gelu",
      "HardSigmoid",
      "HardSwish",
      "LeakyRelu",
      "Log",
      "Mish",
    ],
    ...[
      "Neg",
      "PRelu",
      "Pow",
      "Reciprocal",
      "Relu",
      "Selu",
      "Shrink",
      "Sigmoid",
      "Softplus",
      "Softsign",
      "Sqrt",
    ],
    ...["Swish", "Tanh", "ThresholdedRelu", "BatchNormalization", "DequantizeLinear", "QuantizeLinear"],
    ...["com.microsoft.FastGelu", "com.microsoft.Gelu", "com.microsoft.QuickGelu"],
    ...["LRN", "LpNormalization", "RMSNormalization", "SimplifiedLayerNormalization"],
  ],
  () => pass,
);

/**
 * The z-rule with the operator's own numbers, `R_i = Σ_j x_i ∂y_j/∂x_i / y_j R_j`, exact where `y` is linear in the inputs that share. Terms
 * that do not depend on the picture keep their share.
 */
const norm =
  (operator: string): Rule =>
  (context) => {
    const { g, inputs, outputs, gradients, needs } = context;
    const share = perUnit(g, gradients[0]!, outputs[0]!);
    const parts = gradientRules[operator]!({ ...context, gradients: [share] });
    return inputs.map((input, at) => (needs[at] && parts[at] ? op.mul(g, input!, parts[at]) : undefined));
  };

const sums: Ruleset = table(
  [
    ...["Add", "Sub", "Sum", "Mean", "AveragePool", "GlobalAveragePool", "CumSum"],
    ...["ReduceMean", "ReduceSum", "Resize"],
  ],
  norm,
);

/** All to the value that the gate lets through; half to each where neither is a gate (Achtibat et al. 2024, eq. 13). */
const product =
  (operator: string): Rule =>
  (context) => {
    const { g, node, gradients, needs } = context;
    if (!needs[0] || !needs[1]) return norm(operator)(context);
    const gate = gateOf(g, node);
    if (gate !== undefined) return norm(operator)({ ...context, needs: [gate !== 0, gate !== 1] });
    return norm(operator)({ ...context, gradients: [scale(g, gradients[0]!, 0.5)] });
  };

const products: Ruleset = {
  ...table(["Einsum", "Gemm", "MatMul", "com.microsoft.FusedMatMul"], product),
  // Where one side is a constant all passes, also at zero.
  Mul: (context) => (context.needs[0] && context.needs[1] ? product("Mul") : pass)(context),
  // A divisor counts as a constant.
  Div: (context) => pass({ ...context, needs: [context.needs[0]!, false] }),
  // Its weights are gates.
  Attention: (context) => norm("Attention")({ ...context, needs: [false, false, true, false] }),
};

/** An operator that gradients pass, but of which nobody has said how relevance does. */
const refuse: Rule = ({ node }) => {
  throw new UserError(
    `There is no relevance rule for the operator ${node.op} (node "${node.name}"); methods by gradients can explain what passes through it.`,
  );
};

/** How relevance passes operators without weights. */
export const steps: Ruleset = {
  ...table(Object.keys(gradientRules), () => refuse),
  ...routing,
  ...passing,
  ...normalizations,
  ...sums,
  ...products,
};
