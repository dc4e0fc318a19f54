import { nodeEngine } from "../../src/engine/node.ts";
import { extract } from "../../src/graph/graph.ts";
import { vgg16 } from "../../src/model/architectures/vgg16.ts";
import { closeModel, runBatch } from "../../src/model/programs.ts";
import { transfer } from "../../src/model/transfer.ts";
import type { BenchCase } from "../case.ts";
import { BATCH, uniform } from "../network.ts";
import { round, timed } from "../timing.ts";

/** Multiplications and additions of VGG16's convolutions on a batch of 150×150. */
const GFLOP = 269;

export const features: BenchCase = {
  name: "features",
  summary: "features of VGG16's convolutional base at 150×150, batch 20",
  async run({ repeat, report }) {
    const backbone = vgg16.build({ size: 150 });
    const options = { classes: ["cat", "dog"], cut: "features.30", pooling: "flatten" } as const;
    const { network, head } = transfer(backbone, options);
    const model = { ...network, source: "bench", engine: nodeEngine() };
    const { name } = head.input;
    const inputs = uniform([BATCH, 3, 150, 150]);
    const derivation = { key: "features", derive: (graph: typeof network.graph) => extract(graph, [name]) };
    const run = () => runBatch(model, { [model.input.name]: inputs }, derivation);
    const row = await timed("features", "onnxruntime", run, Math.max(3, Math.ceil(repeat / 3)), GFLOP);
    report({ ...row, images_per_s: round((1000 * BATCH) / row.median_ms, 1) });
    await closeModel(model);
  },
};
