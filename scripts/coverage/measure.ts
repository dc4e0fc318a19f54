import { readFileSync } from "node:fs";
import { join } from "node:path";
import { relativeError } from "../../bench/relative-error.ts";
import { median } from "../../bench/timing.ts";
import {
  closeModel,
  explain,
  extract,
  float32,
  gradients,
  openModel,
  readNpy,
  type Tensor,
} from "../../src/index.ts";
import { type Errors, type Measurement, readCase } from "./record.ts";

// A process of its own for each network, so that its memory is given back: measures the one in the folder that it is given.
const folder = process.argv[2]!;
const { target } = readCase(folder);
const read = (name: string): Tensor => readNpy(readFileSync(join(folder, `${name}.npy`)), name);
const image = read("input") as Tensor<"float32">;

const model = await openModel(join(folder, "model.onnx"));
const { evidence, layer, scores } = await explain(model, image, { target });
const gradient = (await gradients(model, image, { target })).get("input")!;
const times: number[] = [];
// Three times or for three seconds.
for (const begin = performance.now(); times.length < 3 && performance.now() - begin < 3000; ) {
  const start = performance.now();
  await gradients(model, image, { target });
  times.push(performance.now() - start);
}

const errors: Errors = {
  logits: error(
    float32(
      [1, scores.length],
      scores.map(({ logit }) => logit),
    ),
    read("logits"),
  ),
  gradient: error(gradient, read("gradient")),
  gradcam: error(evidence, read("gradcam")),
};
const operators = new Set(extract(model.graph, ["logits"]).nodes.map(({ op }) => op));
const measurement: Measurement = {
  layer: layer!.name,
  operators: [...operators].sort(),
  errors,
  milliseconds: median(times),
};
await closeModel(model);
console.log(JSON.stringify(measurement));

/** ‖actual − expected‖ / ‖expected‖ */
function error(actual: Tensor<"float32">, expected: Tensor): number {
  if (actual.shape.join() !== expected.shape.join())
    throw new Error(`${folder}: [${actual.shape}] where PyTorch has [${expected.shape}]`);
  return relativeError(actual.data, expected.data as Float64Array);
}
