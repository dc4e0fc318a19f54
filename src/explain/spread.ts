import { type AxisMap, alongAxis, axisMap } from "../autodiff/axis-map.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";

/**
 * Maps `[N, C, h, w]` at another size with the same sum: what a place has is shared among pixels by the weights with which they would take from it
 * if the map were enlarged bilinearly.
 */
export function spread(g: GraphBuilder, maps: Value, height: number, width: number): Value {
  const [h, w] = maps.shape!.slice(2) as [number, number];
  return alongAxis(g, alongAxis(g, maps, 2, shares(h, height)), 3, shares(w, width));
}

/** Each input's shares, which make 1. Where there are fewer outputs than inputs their reach grows, so that none is passed over. */
function shares(inputs: number, outputs: number): AxisMap {
  const reach = Math.max(1, inputs / outputs);
  const map = axisMap(outputs, inputs, (output) => {
    const centre = ((output + 0.5) * inputs) / outputs - 0.5;
    const position = Math.min(inputs - 1, Math.max(0, centre));
    return Array.from({ length: inputs }, (_, input): [number, number] => [
      input,
      Math.max(0, 1 - Math.abs(input - position) / reach),
    ]);
  });
  for (let input = 0; input < inputs; input++) {
    let total = 0;
    for (let output = 0; output < outputs; output++) total += map.data[output * inputs + input]!;
    for (let output = 0; output < outputs; output++) map.data[output * inputs + input]! /= total;
  }
  return map;
}
