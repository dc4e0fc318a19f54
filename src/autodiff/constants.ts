import { UserError } from "../base/errors.ts";
import { initializerTensor } from "../graph/graph.ts";
import type { RuleContext } from "./rule.ts";

/**
 * The numbers of an input that must not change from run to run, such as axes; undefined where the node leaves it out.
 * @throws UserError when they are computed while the graph runs
 */
export function constantInput({ g, node, inputs }: RuleContext, index: number): number[] | undefined {
  const value = inputs[index];
  if (!value) return undefined;
  const constant = g.constantOf(value);
  if (!constant)
    throw new UserError(
      `The gradient of ${node.op} (node "${node.name}") needs its input "${value.name}" to be a constant; fold the model's constants when you export it.`,
    );
  return Array.from(initializerTensor(constant).data, Number);
}

/** The numbers of an input that may change from run to run: undefined where it does, or is left out. */
export function fixedNumbers({ g, inputs }: RuleContext, index: number): number[] | undefined {
  const constant = inputs[index] && g.constantOf(inputs[index]);
  return constant && Array.from(initializerTensor(constant).data, Number);
}
