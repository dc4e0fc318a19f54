import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tensor } from "../../src/base/tensor.ts";
import { gradients } from "../../src/explain/gradients.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import { openModel } from "../../src/model/open.node.ts";
import { closeModel } from "../../src/model/programs.ts";
import type { BenchCase } from "../case.ts";
import { relativeError } from "../relative-error.ts";
import { brief, median } from "../timing.ts";

/** What a reference network's `case.json` says of it, as far as it is read here. */
interface Reference {
  readonly output: { readonly classes: number };
  readonly target_class: number;
  readonly target_layer: { readonly onnx_value: string };
}

type Floats = Tensor<"float32">;

export const agreement: BenchCase = {
  name: "agreement",
  summary: "how far gradients are from PyTorch's in float64, over the reference networks",
  needs: "shared",
  async run({ shared, report }) {
    const root = join(shared!, "fixtures");
    const names = readdirSync(root).filter((name) => existsSync(join(root, name, "case.json")));
    const errors: number[] = [];
    for (const name of names) errors.push(...(await errorsOf(join(root, name))));
    report({
      case: "agreement",
      variant: "reference networks, ‖ours − theirs‖ / ‖theirs‖",
      networks: names.length,
      gradients: errors.length,
      median: brief(median(errors)),
      worst: brief(Math.max(...errors)),
    });
  },
};

/** Relative errors of the gradients by the input and by the activation that is explained. */
async function errorsOf(folder: string): Promise<number[]> {
  const reference: Reference = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
  const path = join(folder, "expected.safetensors");
  const expected = readSafetensors(readFileSync(path), path).tensors;
  const model = await openModel(join(folder, "model.onnx"));
  const activation = reference.target_layer.onnx_value;
  const found = await gradients(model, expected.get("input") as Floats, {
    // One logit is the second class's.
    target: reference.output.classes === 1 ? 1 : reference.target_class,
    wrt: ["input", activation],
  });
  await closeModel(model);
  return [
    relativeError(found.get("input")!.data, (expected.get("input_grad") as Floats).data),
    relativeError(found.get(activation)!.data, (expected.get("activation_grad") as Floats).data),
  ];
}
