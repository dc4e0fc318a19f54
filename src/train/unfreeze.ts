import { UserError } from "../base/errors.ts";
import { layersWithin } from "../model/find-layer.ts";
import type { Layer, Network } from "../model/model.ts";
import type { Transfer } from "../model/transfer.ts";

/**
 * The layers of a backbone that are to be trained with its head: those that any of `specs` names (a name, a module, a type, an index or
 * a glob).
 * @throws UserError when one names no layer below the head, or none with weights that steps can change
 */
export function unfrozenLayers({ network, cut }: Transfer, specs: readonly string[]): Layer[] {
  const layers = network.layers.slice(0, network.layers.findIndex(({ name }) => name === cut.name) + 1);
  const chosen = new Set(specs.flatMap((spec) => withWeights({ ...network, layers }, spec)));
  return layers.filter((layer) => chosen.has(layer));
}

function withWeights(backbone: Network, spec: string): Layer[] {
  const named = layersWithin(backbone, spec);
  const constants = backbone.graph.initializers;
  const weights = named.flatMap((layer) =>
    layer.parameters.map((name) => ({ layer, dtype: constants.get(name)?.dtype })),
  );
  const fixed = weights.find(({ dtype }) => dtype !== "float32");
  if (fixed)
    throw new UserError(
      `The weights of "${fixed.layer.name}" are ${fixed.dtype ?? "computed"}, which no step can change; give a model with float32 weights, or leave that layer as it is.`,
    );
  if (weights.length > 0) return named;
  throw new UserError(
    `"${spec}" names ${named.length === 1 ? "a layer" : "layers"} without weights (${named
      .slice(0, 3)
      .map(({ name }) => name)
      .join(", ")}); name some that have them, as \`convscope layers\` lists.`,
  );
}
