import { int, type Node } from "../../graph.ts";
import { attribute, part, type Surroundings, type Upgrade, type Upgrades } from "./upgrade.ts";

/**
 * It used to go over all axes from `axis` on together. Where those after it have one place each, it is the axis alone; else the
 * axes are made one.
 */
function alongOneAxis(node: Node, around: Surroundings): readonly Node[] {
  const axis = attribute(node, "axis", "int") ?? 1;
  const [input, output] = [node.inputs[0] ?? "", node.outputs[0] ?? ""];
  const shape = around.shape(input) ?? around.shape(output);
  const alone =
    axis === -1 || shape?.slice(axis < 0 ? axis + shape.length + 1 : axis + 1).every((dim) => dim === 1);
  if (alone) return [{ ...node, attributes: { ...node.attributes, axis: int(axis) } }];
  const [extents, rows, result] = ["shape", "rows", "result"].map((role) => around.value(node, role));
  return [
    part("Shape", [input], extents!),
    part("Flatten", [input], rows!, { axis: int(axis) }),
    { ...node, inputs: [rows!], outputs: [result!], attributes: { ...node.attributes, axis: int(-1) } },
    part("Reshape", [result!, extents!], output),
  ];
}

const coerced: Upgrade = { since: 13, rewrite: alongOneAxis };

export const softmaxUpgrades: Upgrades = { Hardmax: [coerced], LogSoftmax: [coerced], Softmax: [coerced] };
