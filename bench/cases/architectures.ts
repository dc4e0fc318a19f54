import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tensor } from "../../src/base/tensor.ts";
import { gradients } from "../../src/explain/gradients.ts";
import { readNpy } from "../../src/formats/npy.ts";
import { openModel } from "../../src/model/open.node.ts";
import { closeModel } from "../../src/model/programs.ts";
import type { BenchCase } from "../case.ts";
import { relativeError } from "../relative-error.ts";
import { brief, median } from "../timing.ts";

export const architectures: BenchCase = {
  name: "architectures",
  summary:
    "how far input gradients are from PyTorch's in float64, over those that `npm run coverage` exported",
  needs: "networks",
  async run({ networks, report }) {
    const names = readdirSync(networks!).filter((name) => existsSync(join(networks!, name, "case.json")));
    const errors: { readonly name: string; readonly error: number }[] = [];
    for (const name of names) errors.push({ name, error: await errorOf(join(networks!, name)) });
    const worst = errors.reduce((a, b) => (b.error > a.error ? b : a));
    report({
      case: "architectures",
      variant: "input gradients, ‖ours − theirs‖ / ‖theirs‖",
      networks: errors.length,
      median: brief(median(errors.map(({ error }) => error))),
      worst: brief(worst.error),
      of: worst.name,
    });
  },
};

async function errorOf(folder: string): Promise<number> {
  const { target }: { readonly target: number } = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
  const read = (name: string): Tensor => readNpy(readFileSync(join(folder, `${name}.npy`)), name);
  const model = await openModel(join(folder, "model.onnx"));
  const found = await gradients(model, read("input") as Tensor<"float32">, { target });
  await closeModel(model);
  return relativeError(found.get("input")!.data, read("gradient").data as Float64Array);
}
