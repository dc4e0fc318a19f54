import { nodeEngine } from "../../src/engine/node.ts";
import { forward } from "../../src/model/predict.ts";
import { closeModel } from "../../src/model/programs.ts";
import type { BenchCase } from "../case.ts";
import { BATCH, network, STEP_GFLOP, uniform } from "../network.ts";
import { timed } from "../timing.ts";

export const infer: BenchCase = {
  name: "infer",
  summary: "the same network forward, batch 20",
  async run({ repeat, report }) {
    const model = { ...network(), source: "bench", engine: nodeEngine() };
    const inputs = uniform([BATCH, 3, 150, 150]);
    report(await timed("infer", "onnxruntime", () => forward(model, inputs), repeat, STEP_GFLOP / 3));
    await closeModel(model);
  },
};
