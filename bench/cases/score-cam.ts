import { explain } from "../../src/explain/explain.ts";
import { resnet18 } from "../../src/model/architectures/resnet18.ts";
import { forward } from "../../src/model/predict.ts";
import { withOpened } from "../big-network.ts";
import type { BenchCase } from "../case.ts";
import { uniform } from "../network.ts";
import { median, round } from "../timing.ts";

/** Channels of ResNet-18's last convolution: so often the network is run, in runs of so many. */
const CHANNELS = 512;
const BATCH = 8;

export const scoreCam: BenchCase = {
  name: "score-cam",
  summary: "Score-CAM of ResNet-18, one 224×224 image, against the plain forward passes run as often",
  run: ({ repeat, report }) =>
    withOpened(resnet18, async (model) => {
      const image = uniform([1, 3, 224, 224]);
      const batch = uniform([BATCH, 3, 224, 224]);
      const ours: number[] = [];
      const plain: number[] = [];
      // In turns, so that a drift of the machine's speed falls on both; the first turn warms up.
      for (let turn = -1; turn < Math.ceil(repeat / 5); turn++) {
        const start = performance.now();
        await explain(model, image, { method: "score-cam", target: 0, batch: BATCH });
        const between = performance.now();
        for (let run = 0; run < CHANNELS / BATCH; run++) await forward(model, batch);
        if (turn < 0) continue;
        ours.push(between - start);
        plain.push(performance.now() - between);
      }
      const [mine, theirs] = [median(ours), median(plain)];
      report({ case: "score-cam", variant: `${CHANNELS} plain forward passes`, median_ms: round(theirs) });
      report({
        ...{ case: "score-cam", variant: "Score-CAM", median_ms: round(mine) },
        over_plain: round(mine / theirs, 3),
      });
    }),
};
