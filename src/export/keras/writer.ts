import type { KerasLayer, Weight } from "./keras-layer.ts";
import { layerNames } from "./names.ts";

/** Collects the layers of a model. */
export interface LayerWriter {
  readonly layers: readonly KerasLayer[];
  /** Adds a layer under this name, or one like it that is free. @returns its name */
  add(
    name: string,
    type: string,
    from: readonly string[],
    config: KerasLayer["config"],
    weights?: Readonly<Record<string, Weight>>,
  ): string;
}

export function layerWriter(): LayerWriter {
  const layers: KerasLayer[] = [];
  const free = layerNames();
  return {
    layers,
    add(wanted, type, from, config, weights = {}) {
      const name = free(wanted);
      layers.push({ name, type, from, config, weights });
      return name;
    },
  };
}
