import type { Window } from "../../../autodiff/window.ts";
import { padsOf } from "../../../formats/keras/graph/window.ts";
import { inputValue, type NodeCall } from "../call.ts";
import type { Held } from "../held.ts";

/** Keras's word for the padding of a window; undefined where it has none. */
export function paddingOf(call: NodeCall, window: Window): "valid" | "same" | undefined {
  const pads = [...window.begins, ...window.ends];
  if (pads.every((pad) => pad === 0)) return "valid";
  return pads.join() === padsOf(inputValue(call), window, "same").join() ? "same" : undefined;
}

/** Maps with zeros around them, by a layer of its own. */
export function zeroPadded(
  call: NodeCall,
  x: Held,
  { begins, ends }: Pick<Window, "begins" | "ends">,
  part = "pad",
): Held {
  const [channels, height, width] = x.shape as [number, number, number];
  const [rows, columns] = [0, 1].map((axis) => [begins[axis]!, ends[axis]!] as const) as [Sides, Sides];
  const config = { padding: [rows, columns], data_format: "channels_last" };
  return {
    ...x,
    layer: call.move("ZeroPadding2D", x.layer, config, part),
    shape: [channels, height + rows[0] + rows[1], width + columns[0] + columns[1]],
  };
}

type Sides = readonly [begin: number, end: number];
