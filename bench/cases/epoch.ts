import { openFolder } from "../../src/data/folder.node.ts";
import { preload } from "../../src/data/preload.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { defaultConfig } from "../../src/train/config.ts";
import { fit } from "../../src/train/fit.ts";
import { rmsprop } from "../../src/train/optimizers/rmsprop.ts";
import { networkOf } from "../../src/train/train-run.node.ts";
import type { BenchCase } from "../case.ts";
import { BATCH, stepRunner } from "../network.ts";
import { round, timed } from "../timing.ts";

export const epoch: BenchCase = {
  name: "epoch",
  summary:
    "a whole epoch of real photos with augmentation, against the bare step's rate; and the memory it takes",
  needs: "photos",
  async run({ repeat, photos, report }) {
    const config = {
      ...defaultConfig,
      data: { kind: "folder", path: photos!, validationFraction: 0.2 },
      threads: 2,
    } as const;
    const size = { width: config.size, height: config.size };
    const opened = await openFolder(photos!);
    // Validation is no part of the epoch's rate.
    const trainOnly = {
      ...opened,
      splits: { ...opened.splits, validation: opened.splits.validation.slice(0, 2), test: [] },
    };

    const start = performance.now();
    const dataset = await preload(trainOnly, size);
    const decoding = performance.now() - start;
    const pictures = dataset.splits.train.length;
    const { run, program } = await stepRunner();
    const bare = await timed("epoch", "bare step", run, repeat);
    await program.dispose();

    let peak = 0;
    let began = 0;
    let ended = 0;
    await fit({
      ...networkOf(config, dataset),
      dataset,
      engine: nodeEngine(),
      optimizer: rmsprop(),
      learningRate: config.learningRate,
      epochs: 1,
      batch: BATCH,
      augmentation: config.augmentation,
      seed: 0,
      onStep({ step, steps }) {
        peak = Math.max(peak, process.memoryUsage.rss());
        // The first step compiles; the clock starts after it.
        if (step === 1) began = performance.now();
        if (step === steps) ended = performance.now();
      },
    });
    const bareRate = (1000 * BATCH) / bare.median_ms;
    const trained = pictures - BATCH;
    for (const [variant, time] of [
      ["later epochs: augmentation and training", ended - began],
      ["first epoch: decoding too", ended - began + decoding],
    ] as const) {
      const rate = (1000 * trained) / time;
      report({
        case: "epoch",
        variant,
        seconds: round(time / 1000),
        pictures,
        pictures_per_second: round(rate, 1),
        step_pictures_per_second: round(bareRate, 1),
        ratio_to_step: round(rate / bareRate, 3),
      });
    }
    report({
      case: "memory",
      variant: "peak resident while training",
      pictures,
      gigabytes: round(peak / 1e9, 3),
    });
  },
};
