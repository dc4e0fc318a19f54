/** What a layer of Keras's gives, as what holds a value of the graph. */
export interface Held {
  readonly layer: string;
  /** The value's extents in the graph, the batch left out. */
  readonly shape: readonly number[];
  readonly order: Order;
}

/**
 * How the tensor's elements, the batch left out, stand to the value's: as in the graph; maps `[C, H, W]` with channels last,
 * `[H, W, C]`; or in a row, `[H·W·C]`, place by place, of maps that were.
 */
export type Order =
  | { readonly kind: "graph" }
  | { readonly kind: "channels last" }
  | { readonly kind: "row"; readonly maps: Maps };

type Maps = readonly [channels: number, height: number, width: number];

export const GRAPH: Order = { kind: "graph" };
export const CHANNELS_LAST: Order = { kind: "channels last" };

/** Adds a layer that changes the order of what another gives. */
export type Move = (
  type: string,
  from: string,
  config: Readonly<Record<string, unknown>>,
  part: string,
) => string;

/** Maps with their channels last, such as convolutions take. */
export function channelsLast(x: Held, move: Move): Held {
  const { shape, order } = x;
  if (order.kind === "channels last") return x;
  const held = (layer: string): Held => ({ layer, shape, order: CHANNELS_LAST });
  const [channels, height, width] = shape as Maps;
  if (order.kind === "row" && order.maps.join() === shape.join())
    return held(move("Reshape", x.layer, { target_shape: [height, width, channels] }, "reshape"));
  return held(move("Permute", inGraphOrder(x, move).layer, { dims: [2, 3, 1] }, "channels_last"));
}

/** In the graph's order of axes, such as shapes of the graph are about. */
export function inGraphOrder(x: Held, move: Move): Held {
  const { shape, order } = x;
  const held = (layer: string): Held => ({ layer, shape, order: GRAPH });
  const channelsFirst = (layer: string): string =>
    move("Permute", layer, { dims: [3, 1, 2] }, "channels_first");
  if (order.kind === "graph") return x;
  if (order.kind === "channels last") return held(channelsFirst(x.layer));
  const [channels, height, width] = order.maps;
  const same = channels === 1 || height * width === 1;
  if (same && shape.length === 1) return held(x.layer);
  const row = same
    ? x.layer
    : channelsFirst(move("Reshape", x.layer, { target_shape: [height, width, channels] }, "maps"));
  return held(move("Reshape", row, { target_shape: [...shape] }, "reshape"));
}

/** The same elements, in the graph's order, under another shape. */
export function withShape(x: Held, shape: readonly number[], move: Move): Held {
  if (x.shape.join() === shape.join()) return x;
  const { kind } = x.order;
  if (kind === "channels last" && shape.length === 1)
    return { layer: move("Flatten", x.layer, {}, ""), shape, order: { kind: "row", maps: x.shape as Maps } };
  if (kind === "row" && (shape.length === 1 || shape.join() === x.order.maps.join())) return { ...x, shape };
  const { layer } = inGraphOrder(x, move);
  return { layer: move("Reshape", layer, { target_shape: [...shape] }, ""), shape, order: GRAPH };
}
