import { listNames, UserError } from "../base/errors.ts";
import type { Layer, Network } from "./model.ts";

/** Layers whose activation still has places: `[N, C, h, w]`, more than one. */
export function spatialLayers({ graph, layers }: Network): Layer[] {
  return layers.filter(({ output }) => {
    const shape = graph.values.get(output)?.shape;
    return shape?.length === 4 && shape.slice(2).some((extent) => extent !== 1);
  });
}

/** @throws UserError listing the layers when there is none of that name */
export function findLayer({ layers }: Network, name: string): Layer {
  const found = layers.find((layer) => layer.name === name);
  if (found) return found;
  const names = listNames(
    layers.map((layer) => layer.name),
    layers.length,
  );
  throw new UserError(`There is no layer "${name}"; the layers are ${names}.`);
}
