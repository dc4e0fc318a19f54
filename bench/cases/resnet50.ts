import { gradients } from "../../src/explain/gradients.ts";
import { resnet50 as architecture } from "../../src/model/architectures/resnet50.ts";
import { withOpened } from "../big-network.ts";
import type { BenchCase } from "../case.ts";
import { uniform } from "../network.ts";
import { timed } from "../timing.ts";

export const resnet50: BenchCase = {
  name: "resnet50",
  summary: "ResNet-50 forward and the whole gradient by its input, one 224×224 image",
  run: ({ repeat, report }) =>
    withOpened(architecture, async (model) => {
      const image = uniform([1, 3, 224, 224]);
      report(await timed("resnet50", "input gradient", () => gradients(model, image), repeat));
    }),
};
