import { UserError } from "../base/errors.ts";
import { LOGITS, type Network } from "./model.ts";

/** Whether a network gives scores of classes; one that does not has layers, activations and gradients all the same. */
export const isClassifier = ({ graph }: Pick<Network, "graph">): boolean =>
  graph.outputs.some(({ name }) => name === LOGITS);

/** @throws UserError when the network gives no scores of classes, saying what it gives */
export function checkClassifier(network: Network, source = "The network"): void {
  if (isClassifier(network)) return;
  const given = network.graph.outputs.map(({ name, shape }) => `"${name}" [${shape?.join(", ") ?? "?"}]`);
  throw new UserError(
    `${source} gives ${given.join(", ") || "nothing"}; a network that gives one row of class scores is needed.`,
  );
}
