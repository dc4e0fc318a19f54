import { UserError } from "../../base/errors.ts";
import * as op from "../../graph/operators/index.ts";
import { unbroadcast } from "../broadcast.ts";
import { scale } from "../pointwise.ts";
import { operatorOf, type Rule, type Ruleset } from "../rule.ts";
import { rules as gradientRules } from "../rules/index.ts";
import { gateOf } from "./gate.ts";
import { normalizations } from "./normalization.ts";
import { perUnit } from "./share.ts";

/** @param lines operators, separated by spaces */
const table = (lines: readonly string[], ruleOf: (operator: string) => Rule): Ruleset =>
  Object.fromEntries(
    lines.flatMap((line) => line.split(" ").map((operator) => [operator, ruleOf(operator)] as const)),
  );

/** Relevance goes with what is moved or chosen, as gradients do. */
const routing: Ruleset = table(
  [
    "Cast CastLike Concat DepthToSpace Dropout Expand Flatten Gather GatherElements GatherND GlobalMaxPool Identity",
    "Max MaxPool MaxUnpool Min Pad ReduceMax ReduceMin Reshape ScatterElements ScatterND Slice SpaceToDepth Split",
    "Squeeze Tile Transpose Trilu Unsqueeze Where",
  ],
  (operator) => gradientRules[operator]!,
);

/** All of it to the input that it comes from: nothing else is mixed in. An input that was repeated gets the sum. */
export const pass: Rule = ({ g, inputs, gradients, needs }) =>
  inputs.map((input, at) => (needs[at] ? unbroadcast(g, gradients[0]!, input!) : undefined));

/** Functions of each element, and normalizations that only scale it by a number taken as a constant. */
const passing: Ruleset = table(
  [
    "Abs Celu Clip Elu Erf Exp Gelu HardSigmoid HardSwish LeakyRelu Log Mish Neg PRelu Pow Reciprocal Relu Selu",
    "Shrink Sigmoid Softplus Softsign Sqrt Swish Tanh ThresholdedRelu DequantizeLinear QuantizeLinear",
    "com.microsoft.FastGelu com.microsoft.Gelu com.microsoft.QuickGelu",
    "BatchNormalization LRN LpNormalization RMSNormalization SimplifiedLayerNormalization",
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
  ["Add AveragePool CumSum GlobalAveragePool Mean ReduceMean ReduceSum Resize Sub Sum"],
  norm,
);

/** All to the value that the gate lets through; half to each where neither is a gate (Achtibat et al. 2024). */
const product =
  (rule: Rule): Rule =>
  (context) => {
    const { g, node, gradients, needs } = context;
    if (!needs[0] || !needs[1]) return rule(context);
    const gate = gateOf(g, node);
    return gate === undefined
      ? rule({ ...context, gradients: [scale(g, gradients[0]!, 0.5)] })
      : rule({ ...context, needs: [gate !== 0, gate !== 1] });
  };

const products: Ruleset = {
  ...table(["Einsum", "Gemm", "MatMul", "com.microsoft.FusedMatMul"], (operator) => product(norm(operator))),
  Mul: product(pass),
  // A divisor counts as a constant.
  Div: (context) => pass({ ...context, needs: [context.needs[0]!, false] }),
  // Its weights are gates.
  Attention: (context) => norm("Attention")({ ...context, needs: [false, false, true, false] }),
};

/** An operator that gradients pass, but of which nobody has said how relevance does. */
const refuse: Rule = ({ node }) => {
  throw new UserError(
    `There is no relevance rule for the operator ${operatorOf(node)} (node "${node.name}"); methods by gradients can explain what passes through it.`,
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
