import { UserError } from "../base/errors.ts";
import { matchingLayers } from "../model/find-layer.ts";
import type { Network } from "../model/model.ts";

/**
 * What a person calls `name`, a value of the graph or layers as `findLayers` takes them: by their names the values.
 * @throws UserError when there is none, or it holds no float32
 */
export function valuesNamed(network: Network, name: string): (readonly [name: string, value: string])[] {
  const { graph, input, layers } = network;
  const value = graph.values.get(name === "input" ? input.name : name);
  if (value && (name === "input" || !layers.some((layer) => layer.name === name))) {
    if (value.dtype === "float32") return [[name, value.name]];
    throw new UserError(`"${name}" is ${value.dtype}; only float32 values have a gradient.`);
  }
  const found = matchingLayers(network, name);
  if (found.length > 0) return found.map((layer) => [layer.name, layer.output]);
  throw new UserError(
    `There is no layer, weight or value "${name}"; see \`layers\`, or open the file in an ONNX viewer.`,
  );
}

/** The one value that a person calls `name`; of several layers that fit the last. */
export const valueNamed = (network: Network, name: string): string => valuesNamed(network, name).at(-1)![1];
