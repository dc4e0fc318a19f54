import { int64, scalar, type Tensor } from "../../../base/tensor.ts";
import { type Attribute, int, type Node } from "../../graph.ts";
import { type Upgrade, type Upgrades, without } from "./upgrade.ts";

function tensorOf(attribute: Attribute | undefined): Tensor | undefined {
  switch (attribute?.type) {
    case "ints":
      return int64([attribute.value.length], attribute.value);
    case "int":
      return int64([1], [attribute.value]);
    case "float":
      return scalar(attribute.value);
    default:
      return undefined;
  }
}

/** Attributes that became inputs, by their names; the first of them is the second input. */
const toInputs =
  (...names: string[]): Upgrade["rewrite"] =>
  (node, around) => {
    const inputs = node.inputs.slice(0, 1);
    names.forEach((name, index) => {
      const tensor = tensorOf(node.attributes[name]);
      const given = node.inputs[index + 1] ?? "";
      inputs.push(tensor ? around.constant(node, name, tensor) : given);
    });
    while (inputs.length > node.inputs.length && inputs.at(-1) === "") inputs.pop();
    return [{ ...node, inputs, attributes: without(node.attributes, ...names) }];
  };

/** Equal parts used to go without saying. */
const countParts = (node: Node): Node[] =>
  node.inputs[1]
    ? [node]
    : [{ ...node, attributes: { ...node.attributes, num_outputs: int(node.outputs.length) } }];

const reduction: Upgrade = { since: 18, rewrite: toInputs("axes") };
const axes: Upgrade = { since: 13, rewrite: toInputs("axes") };

export const toInputsUpgrades: Upgrades = {
  Clip: [{ since: 11, rewrite: toInputs("min", "max") }],
  Pad: [{ since: 11, rewrite: toInputs("pads", "value") }],
  ReduceL1: [reduction],
  ReduceL2: [reduction],
  ReduceLogSum: [reduction],
  ReduceLogSumExp: [reduction],
  ReduceMax: [reduction],
  ReduceMean: [reduction],
  ReduceMin: [reduction],
  ReduceProd: [reduction],
  ReduceSum: [axes],
  ReduceSumSquare: [reduction],
  Slice: [{ since: 10, rewrite: toInputs("starts", "ends", "axes") }],
  Split: [
    { since: 13, rewrite: toInputs("split") },
    { since: 18, rewrite: countParts },
  ],
  Squeeze: [axes],
  TopK: [{ since: 10, rewrite: toInputs("k") }],
  Unsqueeze: [axes],
};
