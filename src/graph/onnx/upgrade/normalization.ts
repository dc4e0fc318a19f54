import { UserError } from "../../../base/errors.ts";
import { int64, scalar } from "../../../base/tensor.ts";
import { int, type Node } from "../../graph.ts";
import { attribute, part, type Surroundings, type Upgrades, without } from "./upgrade.ts";

/** Outputs after the first were for training. A network that is read is run for inference, whatever its host was to do with it. */
function forInference(node: Node, around: Surroundings): Node {
  const read = node.outputs.slice(1).find((name) => around.isRead(name));
  if (read)
    throw new UserError(
      `"${read}", which the ${node.op} "${node.name}" gives in training alone, is read; export the model for inference.`,
    );
  return { ...node, outputs: node.outputs.slice(0, 1) };
}

/** With `spatial = 0` every place had statistics of its own, and was a channel by another name. */
function placesToChannels(node: Node, around: Surroundings): readonly Node[] {
  const plain = { ...node, attributes: without(node.attributes, "spatial") };
  if (attribute(node, "spatial", "int") !== 0) return [plain];
  const [input, output] = [node.inputs[0] ?? "", node.outputs[0] ?? ""];
  const flat = around.constant(node, "flat", int64([1], [-1]));
  const [extents, rows, result] = ["shape", "rows", "result"].map((role) => around.value(node, role));
  const parameters = node.inputs.slice(1).map((name, index) => {
    return part("Reshape", [name, flat], around.value(node, `parameter:${index}`));
  });
  return [
    part("Shape", [input], extents!),
    part("Flatten", [input], rows!, { axis: int(1) }),
    ...parameters,
    {
      ...plain,
      inputs: [rows!, ...parameters.flatMap(({ outputs }) => outputs)],
      outputs: [result!, ...node.outputs.slice(1)],
    },
    part("Reshape", [result!, extents!], output),
  ];
}

/** The ratio became an input, which a training graph reads. */
function ratioToInput(node: Node, around: Surroundings): readonly Node[] {
  const ratio = around.constant(node, "ratio", scalar(attribute(node, "ratio", "float") ?? 0.5));
  return [
    {
      ...forInference(node, around),
      inputs: [...node.inputs.slice(0, 1), ratio],
      attributes: without(node.attributes, "ratio"),
    },
  ];
}

export const normalizationUpgrades: Upgrades = {
  BatchNormalization: [
    { since: 9, rewrite: placesToChannels },
    { since: 14, rewrite: (node, around) => [forInference(node, around)] },
  ],
  Dropout: [{ since: 12, rewrite: ratioToInput }],
};
