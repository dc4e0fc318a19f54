import type { GraphBuilder } from "../../graph/builder.ts";
import { initializerTensor, type Value } from "../../graph/graph.ts";
import { unbroadcast } from "../broadcast.ts";
import { fixedNumbers } from "../constants.ts";
import type { Rule, Ruleset } from "../rule.ts";
import { activations } from "../rules/activations.ts";
import { elementwise } from "../rules/elementwise.ts";
import { fusedActivationsWith } from "../rules/fused-activation.ts";

/** What a ReLU with the output `y`, which ends at `high`, makes of the gradient `dy` of that output. */
type ReluRule = (g: GraphBuilder, dy: Value, y: Value, high: number) => Value;

interface ReluRulesOptions {
  /** Whether the rule also holds for `min(max(x, 0), high)`, such as ReLU6; such ones keep their gradient unless set. */
  readonly capped?: boolean;
}

/** The largest float32; some files have it for no bound. */
const LARGEST = 3.4028234663852886e38;

/**
 * A rule for every ReLU: Relu, a Clip from 0, a Max with 0, and one that ONNX Runtime has drawn into a convolution or product. All
 * else keeps its gradient, LeakyRelu, PRelu and the smooth activations too.
 */
export function reluRules(relu: ReluRule, { capped = false }: ReluRulesOptions = {}): Ruleset {
  const clip: Rule = (context) => {
    const { g, inputs, outputs, gradients } = context;
    const [low] = fixedNumbers(context, 1) ?? [];
    const [high] = inputs[2] ? (fixedNumbers(context, 2) ?? []) : [LARGEST];
    if (low !== 0 || high === undefined || (high < LARGEST && !capped)) return activations.Clip!(context);
    return [relu(g, gradients[0]!, outputs[0]!, high)];
  };
  const max: Rule = (context) => {
    const { g, inputs, outputs, gradients } = context;
    const [zero, ...others] = inputs.map((input) => isZero(g, input!));
    const at = zero ? 1 : 0;
    if (others.length !== 1 || zero === others[0]) return elementwise.Max!(context);
    const dx = unbroadcast(g, relu(g, gradients[0]!, outputs[0]!, LARGEST), inputs[at]!);
    return inputs.map((_, index) => (index === at ? dx : undefined));
  };
  const alone: Ruleset = {
    Relu: ({ g, outputs, gradients }) => [relu(g, gradients[0]!, outputs[0]!, LARGEST)],
    Clip: clip,
  };
  return { ...alone, Max: max, ...fusedActivationsWith({ ...activations, ...alone }) };
}

function isZero(g: GraphBuilder, value: Value): boolean {
  const constant = g.constantOf(value);
  return constant !== undefined && initializerTensor(constant).data.every((element) => Number(element) === 0);
}
