import { float32, int64, scalar } from "../../../base/tensor.ts";
import { type Node, string } from "../../graph.ts";
import { attribute, part, type Surroundings, type Upgrade, type Upgrades } from "./upgrade.ts";

/** `operate` in one step before, and one behind, multiplied by attributes: `alpha · operate(beta · x)`. */
const scaled =
  (op: string): Upgrade["rewrite"] =>
  (node, around) => {
    const [alpha, beta] = ["alpha", "beta"].map((name) =>
      around.constant(node, name, scalar(attribute(node, name, "float") ?? 1)),
    );
    const [before, after] = [around.value(node, "before"), around.value(node, "after")];
    return [
      part("Mul", [node.inputs[0] ?? "", beta!], before),
      { ...node, op, inputs: [before], outputs: [after], attributes: {} },
      part("Mul", [after, alpha!], node.outputs[0] ?? ""),
    ];
  };

/** `factor · x + term`. */
function affine(node: Node, around: Surroundings, factor: string, term: string): readonly Node[] {
  const product = around.value(node, "product");
  return [
    part("Mul", [node.inputs[0] ?? "", factor], product),
    { ...node, op: "Add", inputs: [product, term], attributes: {} },
  ];
}

const affineBy =
  (scale: string, shift: string): Upgrade["rewrite"] =>
  (node, around) => {
    const factor = around.constant(node, scale, scalar(attribute(node, scale, "float") ?? 1));
    const shifts = attribute(node, shift, "floats");
    const term = shifts
      ? float32([shifts.length, 1, 1], shifts)
      : scalar(attribute(node, shift, "float") ?? 0);
    return affine(node, around, factor, around.constant(node, shift, term));
  };

function scale(node: Node, around: Surroundings): readonly Node[] {
  const factor = around.constant(node, "scale", scalar(attribute(node, "scale", "float") ?? 1));
  return [{ ...node, op: "Mul", inputs: [node.inputs[0] ?? "", factor], attributes: {} }];
}

/** `border` is left, top, right, bottom; `scale` is height and width and, where it is given, says what stays. */
function crop(node: Node, around: Surroundings): readonly Node[] {
  const [left = 0, top = 0, right = 0, bottom = 0] = attribute(node, "border", "ints") ?? [];
  const [height, width] = attribute(node, "scale", "ints") ?? [];
  const end = (begin: number, extent: number | undefined, border: number): number =>
    extent === undefined ? (border ? -border : Number.MAX_SAFE_INTEGER) : begin + extent;
  const bounds = {
    starts: [top, left],
    ends: [end(top, height, bottom), end(left, width, right)],
    axes: [2, 3],
  };
  const inputs = Object.entries(bounds).map(([role, numbers]) =>
    around.constant(node, role, int64([2], numbers)),
  );
  return [{ ...node, op: "Slice", inputs: [node.inputs[0] ?? "", ...inputs], attributes: {} }];
}

const rename =
  (op: string): Upgrade["rewrite"] =>
  (node) => [{ ...node, op }];

/** Regions used to be sampled without the half pixel. */
const samplePoints: Upgrade["rewrite"] = (node) => [
  {
    ...node,
    attributes: { coordinate_transformation_mode: string("output_half_pixel"), ...node.attributes },
  },
];

/**
 * Operators under a name that is no more. Those gone since set 10 were never more than experimental, but converters from
 * Core ML and Caffe wrote them.
 */
export const retiredUpgrades: Upgrades = {
  Affine: [{ since: 10, rewrite: affineBy("alpha", "beta") }],
  Crop: [{ since: 10, rewrite: crop }],
  DynamicSlice: [{ since: 10, rewrite: rename("Slice") }],
  ImageScaler: [{ since: 10, rewrite: affineBy("scale", "bias") }],
  ParametricSoftplus: [{ since: 10, rewrite: scaled("Softplus") }],
  RoiAlign: [{ since: 16, rewrite: samplePoints }],
  Scale: [{ since: 10, rewrite: scale }],
  ScaledTanh: [{ since: 10, rewrite: scaled("Tanh") }],
  Scatter: [{ since: 11, rewrite: rename("ScatterElements") }],
};
