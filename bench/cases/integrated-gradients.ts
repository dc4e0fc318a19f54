import { explain } from "../../src/explain/explain.ts";
import { resnet50 as architecture } from "../../src/model/architectures/resnet50.ts";
import { withOpened } from "../big-network.ts";
import type { BenchCase } from "../case.ts";
import { uniform } from "../network.ts";
import { timed } from "../timing.ts";

const STEPS = 50;

export const integratedGradients: BenchCase = {
  name: "integrated-gradients",
  summary: `integrated gradients of ResNet-50, ${STEPS} steps, one 224×224 image`,
  run: ({ repeat, report }) =>
    withOpened(architecture, async (model) => {
      const image = uniform([1, 3, 224, 224]);
      const run = () =>
        explain(model, image, { method: "integrated-gradients", target: 0, options: { steps: STEPS } });
      report(await timed("integrated-gradients", `${STEPS} steps`, run, Math.ceil(repeat / 5)));
    }),
};
