import { UserError } from "../../base/errors.ts";
import { float, type Value } from "../../graph/graph.ts";
import { number } from "../pointwise.ts";
import { attribute, type RuleContext, type Ruleset } from "../rule.ts";
import { activations } from "./activations.ts";
import { convolution } from "./convolution.ts";
import { products } from "./products.ts";

/** Activations whose slope is known from what they give, and what their parameters are called by themselves. */
const parameters: Readonly<Record<string, readonly string[]>> = {
  Clip: ["min", "max"],
  Elu: ["alpha"],
  HardSigmoid: ["alpha", "beta"],
  LeakyRelu: ["alpha"],
  Relu: [],
  Sigmoid: [],
  Tanh: [],
};

/** The gradient before the activation that ONNX Runtime has drawn into the node, by the rule that it has alone. */
function beforeActivation(context: RuleContext, rules: Ruleset, values: readonly number[]): Value {
  const { g, node, outputs } = context;
  const name = attribute(node, "activation", "");
  const names = parameters[name];
  if (!names)
    throw new UserError(
      `${node.op} (node "${node.name}") has no gradient with the activation ${name}; save the model without ONNX Runtime's optimizations.`,
    );
  const y = outputs[0]!;
  const given = names.flatMap((key, at) =>
    values[at] === undefined ? [] : [[key, float(values[at])] as const],
  );
  const bounds = name === "Clip" ? values.map((bound) => number(g, bound)) : [];
  const alone = { ...node, attributes: Object.fromEntries(given) };
  const needs = [true, ...bounds.map(() => false)];
  // Each keeps signs and order, so that y tells on which side of a kink it began.
  return rules[name]!({ ...context, node: alone, inputs: [y, ...bounds], outputs: [y], needs })[0]!;
}

/** The rules of operators with an activation in them, from those of the activations alone. */
export const fusedActivationsWith = (rules: Ruleset): Ruleset => ({
  // f(conv(x, w) + b + z)
  "com.microsoft.FusedConv": (context) => {
    const { node, needs } = context;
    const values = attribute<readonly number[]>(node, "activation_params", []);
    const before = beforeActivation(context, rules, values);
    const [dx, dw, db] = convolution.Conv!({ ...context, gradients: [before] });
    return [dx, dw, db, needs[3] ? before : undefined];
  },
  // f(α op(A) op(B) + β C)
  "com.microsoft.FusedGemm": (context) => {
    const values = ["activation_alpha", "activation_beta"].flatMap((name) => {
      const value = context.node.attributes[name]?.value;
      return value === undefined ? [] : [Number(value)];
    });
    return products.Gemm!({ ...context, gradients: [beforeActivation(context, rules, values)] });
  },
});

export const fusedActivations: Ruleset = fusedActivationsWith(activations);
