import { syntheticDataset } from "../../src/data/synthetic/index.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { evaluate } from "../../src/evaluate/evaluate.ts";
import { explain } from "../../src/explain/explain.ts";
import { demoConfig } from "../../src/train/config.ts";
import { fit } from "../../src/train/fit.ts";
import { optimizers } from "../../src/train/optimizers/index.ts";
import { schedules } from "../../src/train/schedules/index.ts";
import type { TrainingState } from "../../src/train/state.ts";
import { networkOf } from "../../src/train/train-run.node.ts";
import { withWeights } from "../../src/train/weights.ts";
import type { BenchCase } from "../case.ts";
import { median, round } from "../timing.ts";

const PICTURES = 200;

export const heatmaps: BenchCase = {
  name: "heatmaps",
  summary: `where the peaks of Grad-CAM of the demo's network fall, over ${PICTURES} built-in pictures`,
  async run({ report }) {
    const { data, ...config } = demoConfig;
    const dataset = syntheticDataset({
      seed: config.seed,
      train: data.train,
      validation: data.validation,
      test: PICTURES,
    });
    const engine = nodeEngine();
    const { network } = networkOf({ ...demoConfig, threads: 0 }, dataset);
    const kept: { best?: TrainingState } = {};
    await fit({
      ...config,
      network,
      dataset,
      engine,
      optimizer: optimizers[config.optimizer](config),
      weightDecay: undefined,
      clipNorm: undefined,
      classWeights: undefined,
      schedule: schedules[config.schedule],
      patience: undefined,
      onEpoch(row, state) {
        if (row.best) kept.best = state;
      },
    });
    const model = { ...withWeights(network, kept.best!.tensors), source: "bench", engine };
    const { accuracy } = await evaluate(model, dataset, "test");
    const hits = { animal: 0, parts: 0 };
    const times: number[] = [];
    for (const sample of dataset.splits.test) {
      const picture = await dataset.read(sample, model.input);
      const start = performance.now();
      const { attribution } = await explain(model, picture);
      times.push(performance.now() - start);
      const peak = attribution.data.indexOf(attribution.data.reduce((a, b) => Math.max(a, b)));
      const masks = dataset.masks(sample, model.input);
      hits.animal += masks.animal[peak]!;
      hits.parts += masks.parts[peak]!;
    }
    report({
      case: "heatmaps",
      variant: "grad-cam",
      median_ms: round(median(times)),
      min_ms: round(Math.min(...times)),
      pictures: PICTURES,
      test_accuracy: accuracy,
      peaks_on_animal: hits.animal / PICTURES,
      peaks_on_telling_parts: hits.parts / PICTURES,
    });
  },
};
