import type { Value } from "../../graph/graph.ts";
import * as op from "../../graph/operators/index.ts";
import type { NetworkBuilder } from "../network.ts";

export interface MaxPooling2dOptions {
  /** Of a window's step; the window's size unless given. */
  readonly stride?: number;
  /** Places on every side that lose to all others. */
  readonly padding?: number;
  /** Whether a remainder at the right and bottom has a window too; it is left out unless said, as in Keras. */
  readonly ceil?: boolean;
  /** A module's name; numbered unless given. */
  readonly name?: string;
}

/** Maximum of each `size × size` square. */
export function maxPooling2d(
  network: NetworkBuilder,
  x: Value,
  size: number,
  { stride = size, padding = 0, ceil = false, name }: MaxPooling2dOptions = {},
): Value {
  return network.layer(
    "MaxPooling2D",
    "max_pooling2d",
    () =>
      op.maxPool(network.g, x, [size, size], {
        strides: [stride, stride],
        ...(padding ? { pads: [padding, padding, padding, padding] } : {}),
        ...(ceil ? { ceil } : {}),
      }),
    name,
  );
}
