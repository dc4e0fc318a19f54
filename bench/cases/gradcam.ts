import { explain } from "../../src/explain/explain.ts";
import { vgg16 } from "../../src/model/architectures/vgg16.ts";
import { withOpened } from "../big-network.ts";
import type { BenchCase } from "../case.ts";
import { uniform } from "../network.ts";
import { timed } from "../timing.ts";

export const gradcam: BenchCase = {
  name: "gradcam",
  summary: "Grad-CAM of VGG16 at its last convolution, one 224×224 image",
  run: ({ repeat, report }) =>
    withOpened(vgg16, async (model) => {
      const image = uniform([1, 3, 224, 224]);
      const run = () => explain(model, image, { target: 0 });
      report(await timed("gradcam", "backward to the layer only", run, repeat));
    }),
};
