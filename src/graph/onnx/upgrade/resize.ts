import { float32, int64, sizeOf } from "../../../base/tensor.ts";
import { initializerTensor, type Node, string } from "../../graph.ts";
import { attribute, part, type Surroundings, type Upgrades, without } from "./upgrade.ts";

/**
 * Upsample, and Resize before set 11, kept the first place where it was. The nearest place was the one before where they
 * enlarged, and the one behind where they shrank, as ONNX's own tests and ONNX Runtime have it.
 */
function asymmetric(node: Node, around: Surroundings): readonly Node[] {
  const listed = attribute(node, "scales", "floats");
  const given = listed
    ? around.constant(node, "scales", float32([listed.length], listed))
    : (node.inputs[1] ?? "");
  const resize = (from: string, scales: string, to: string, nearest: string): Node => ({
    ...node,
    op: "Resize",
    inputs: [from, "", scales],
    outputs: [to],
    attributes: {
      ...without(node.attributes, "scales"),
      coordinate_transformation_mode: string("asymmetric"),
      nearest_mode: string(nearest),
    },
  });
  const [input, output] = [node.inputs[0] ?? "", node.outputs[0] ?? ""];
  const constant = around.constantOf(given);
  const scales = constant?.dtype === "float32" ? Array.from(initializerTensor(constant).data, Number) : [];
  const nearest = (attribute(node, "mode", "string") ?? "nearest") === "nearest";
  const [shrinks, enlarges] = [scales.some((scale) => scale < 1), scales.some((scale) => scale > 1)];
  if (!nearest || !shrinks || !enlarges) return [resize(input, given, output, shrinks ? "ceil" : "floor")];
  const limited = (role: string, limit: (scale: number) => number): string =>
    around.constant(node, role, float32([scales.length], scales.map(limit)));
  const between = around.value(node, "enlarged");
  return [
    resize(
      input,
      limited("enlarging", (scale) => Math.max(scale, 1)),
      between,
      "floor",
    ),
    resize(
      between,
      limited("shrinking", (scale) => Math.min(scale, 1)),
      output,
      "ceil",
    ),
  ];
}

/** An input that counted for nothing was an empty vector; since set 13 it is left out. */
function leaveOutEmpty(node: Node, around: Surroundings): readonly Node[] {
  const empty = (name: string): boolean => {
    const constant = around.constantOf(name);
    return constant !== undefined && sizeOf(constant.shape) === 0;
  };
  return [{ ...node, inputs: node.inputs.map((name, index) => (index && empty(name) ? "" : name)) }];
}

/**
 * Scales or sizes of all axes in place of some: ONNX Runtime, which moves transposes past a Resize, takes those of some axes for
 * those of all, and fails.
 */
function ofAllAxes(node: Node, around: Surroundings): readonly Node[] {
  const axes = attribute(node, "axes", "ints");
  const [input = "", region = "", scales = "", sizes = ""] = node.inputs;
  const stretches = (attribute(node, "keep_aspect_ratio_policy", "string") ?? "stretch") === "stretch";
  if (!axes || region || !stretches) return [node];
  const places = around.constant(node, "axes", int64([axes.length], axes));
  const [extents, all] = [around.value(node, "extents"), around.value(node, "all")];
  const whole = { ...node, attributes: without(node.attributes, "axes") };
  const shape = part("Shape", [input], extents);
  if (sizes)
    return [
      shape,
      part("ScatterElements", [extents, places, sizes], all),
      { ...whole, inputs: [input, "", "", all] },
    ];
  const [rank, ones] = [around.value(node, "rank"), around.value(node, "ones")];
  return [
    shape,
    part("Shape", [extents], rank),
    part("ConstantOfShape", [rank], ones, { value: { type: "tensor", value: float32([1], [1]) } }),
    part("ScatterElements", [ones, places, scales], all),
    { ...whole, inputs: [input, "", all] },
  ];
}

export const resizeUpgrades: Upgrades = {
  Resize: [
    { since: 11, rewrite: asymmetric },
    { since: 13, rewrite: leaveOutEmpty },
    { since: Number.POSITIVE_INFINITY, rewrite: ofAllAxes },
  ],
  Upsample: [{ since: 10, rewrite: asymmetric }],
};
