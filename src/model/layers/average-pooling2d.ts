import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { NetworkBuilder } from "../network.ts";

export interface AveragePooling2dOptions {
  /** Of a window's step; the window's size unless given. */
  readonly stride?: number;
  /** Zeros on every side, which count in the mean, as in PyTorch. */
  readonly padding?: number;
  /** A module's name; numbered unless given. */
  readonly name?: string;
}

/** Mean of each `size × size` square. */
export function averagePooling2d(
  network: NetworkBuilder,
  x: Value,
  size: number,
  { stride = size, padding = 0, name }: AveragePooling2dOptions = {},
): Value {
  return network.layer(
    "AveragePooling2D",
    "average_pooling2d",
    () =>
      op.averagePool(network.g, x, [size, size], {
        strides: [stride, stride],
        ...(padding ? { pads: [padding, padding, padding, padding], countPadding: true } : {}),
      }),
    name,
  );
}
