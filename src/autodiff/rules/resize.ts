import { UserError } from "../../base/errors.ts";
import { staticShape } from "../../graph/graph.ts";
import { alongAxis, axisMap, transposed } from "../axis-map.ts";
import { constantInput } from "../constants.ts";
import { attribute, type Rule, type Ruleset } from "../rule.ts";

/** Where output `o` lies among the inputs, by ONNX's `coordinate_transformation_mode`. */
const coordinates: Readonly<
  Record<string, (output: number, scale: number, outputs: number, inputs: number) => number>
> = {
  half_pixel: (output, scale) => (output + 0.5) / scale - 0.5,
  pytorch_half_pixel: (output, scale, outputs) => (outputs > 1 ? (output + 0.5) / scale - 0.5 : 0),
  align_corners: (output, _scale, outputs, inputs) =>
    outputs > 1 ? (output * (inputs - 1)) / (outputs - 1) : 0,
  asymmetric: (output, scale) => output / scale,
};

/** ONNX's `nearest_mode`: how a place between two inputs is rounded. */
const roundings: Readonly<Record<string, (place: number) => number>> = {
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Resampling is one linear map an axis; its adjoint spreads each output over the inputs it was mixed from. */
const resize: Rule = (context) => {
  const { g, node, inputs, outputs, gradients } = context;
  const mode = attribute(node, "mode", "nearest");
  const transformation = attribute(node, "coordinate_transformation_mode", "half_pixel");
  const rounding = attribute(node, "nearest_mode", "round_prefer_floor");
  const coordinate = coordinates[transformation];
  const round = roundings[rounding];
  if (!coordinate || !round || (mode !== "nearest" && mode !== "linear"))
    throw new UserError(
      `Resize (node "${node.name}") has no gradient for mode ${mode} with ${transformation}; nearest and linear with ${Object.keys(coordinates).join(", ")} have one.`,
    );
  const from = staticShape(inputs[0]!);
  const to = staticShape(outputs[0]!);
  const given = constantInput(context, 2);
  const gradient = from.reduce((dy, extent, axis) => {
    const clamp = (place: number): number => Math.min(Math.max(place, 0), extent - 1);
    const scale = given?.length ? given[axis]! : to[axis]! / extent;
    const map = axisMap(to[axis]!, extent, (output) => {
      const place = coordinate(output, scale, to[axis]!, extent);
      if (mode === "nearest") return [[clamp(round(place)), 1]];
      const low = Math.floor(clamp(place));
      const part = clamp(place) - low;
      return [
        [low, 1 - part],
        [clamp(low + 1), part],
      ];
    });
    return alongAxis(g, dy, axis, transposed(map));
  }, gradients[0]!);
  return [gradient];
};

export const resizing: Ruleset = { Resize: resize };
