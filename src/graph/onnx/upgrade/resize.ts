import { float32, sizeOf } from "../../../base/tensor.ts";
import { initializerTensor, type Node, string } from "../../graph.ts";
import { attribute, type Surroundings, type Upgrades, without } from "./upgrade.ts";

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

export const resizeUpgrades: Upgrades = {
  Resize: [
    { since: 11, rewrite: asymmetric },
    { since: 13, rewrite: leaveOutEmpty },
  ],
  Upsample: [{ since: 10, rewrite: asymmetric }],
};
