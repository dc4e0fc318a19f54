import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readImage } from "../../src/data/decode.node.ts";
import { explain } from "../../src/explain/explain.ts";
import { fullGrad } from "../../src/explain/methods/cam/full-grad.ts";
import { integratedGradients } from "../../src/explain/methods/gradient/integrated-gradients.ts";
import { relevance } from "../../src/explain/methods/relevance/index.ts";
import type { OptionValues } from "../../src/explain/option.ts";
import { openModel } from "../../src/model/open.node.ts";
import { closeModel } from "../../src/model/programs.ts";
import type { BenchCase } from "../case.ts";
import { brief, median } from "../timing.ts";

const PHOTOS = 10;

/** Beside their own defaults: more points on the path. */
const variants: Readonly<Record<string, readonly Partial<OptionValues>[]>> = {
  "integrated-gradients": [{}, { steps: 200 }],
};

export const exactness: BenchCase = {
  name: "exactness",
  summary: `what attributions that should sum to the score miss of it: GoogLeNet, ${PHOTOS} photos of cats and dogs`,
  needs: "shared",
  async run({ shared, report }) {
    const model = await openModel(join(shared!, "models/googlenet-bvlc.onnx"), { preprocessing: "caffe" });
    const folder = join(shared!, "data/kaggle-original/train");
    const names = readdirSync(folder)
      .filter((name) => /^(cat|dog)\.[0-4]\.jpg$/.test(name))
      .slice(0, PHOTOS);
    const photos = await Promise.all(names.map((name) => readImage(join(folder, name))));
    for (const { name } of [integratedGradients, fullGrad, ...relevance])
      for (const options of variants[name] ?? [{}]) {
        const missed: number[] = [];
        for (const photo of photos) {
          const { checks, target } = await explain(model, photo, { method: name, options });
          const { completeness } = checks;
          if (completeness === undefined) break;
          missed.push(Math.abs(completeness / target.logit));
        }
        if (missed.length === 0) continue;
        report({
          case: "exactness",
          variant: [name, ...Object.entries(options).map((pair) => pair.join("="))].join(" "),
          photos: missed.length,
          median_missed: brief(median(missed)),
          most_missed: brief(Math.max(...missed)),
        });
      }
    await closeModel(model);
  },
};
