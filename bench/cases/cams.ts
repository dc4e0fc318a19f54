import { explain } from "../../src/explain/explain.ts";
import { cam as camMethods } from "../../src/explain/methods/cam/index.ts";
import { resnet18 } from "../../src/model/architectures/resnet18.ts";
import { forward } from "../../src/model/predict.ts";
import { withOpened } from "../big-network.ts";
import type { BenchCase } from "../case.ts";
import { uniform } from "../network.ts";
import { median, round } from "../timing.ts";

/** Those that go backwards to the last block once. */
const names = camMethods
  .filter(({ at, cost }) => at === "maps" && cost === "1 forward, 1 backward")
  .map(({ name }) => name);

export const cams: BenchCase = {
  name: "cams",
  summary: "the Grad-CAM family on ResNet-18, one 224×224 image: what it takes after the forward pass",
  run: ({ repeat, report }) =>
    withOpened(resnet18, async (model) => {
      const image = uniform([1, 3, 224, 224]);
      for (const method of names) {
        const ours: number[] = [];
        const plain: number[] = [];
        for (let turn = -2; turn < repeat; turn++) {
          const start = performance.now();
          await forward(model, image);
          const between = performance.now();
          await explain(model, image, { method, target: 0 });
          if (turn < 0) continue;
          plain.push(between - start);
          ours.push(performance.now() - between);
        }
        const [whole, pass] = [median(ours), median(plain)];
        report({
          ...{ case: "cams", variant: method, median_ms: round(whole), forward_ms: round(pass) },
          after_forward: round((whole - pass) / pass, 3),
        });
      }
    }),
};
