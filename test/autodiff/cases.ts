import { OPSET } from "../../src/graph/graph.ts";
import type { Cases, DrawCase } from "./cases/draws.ts";
import { indexingCases } from "./cases/indexing.ts";
import { movementCases } from "./cases/movement.ts";
import { normalizationCases } from "./cases/normalization.ts";
import { pointwiseCases } from "./cases/pointwise.ts";
import { productCases } from "./cases/products.ts";
import { quantizationCases } from "./cases/quantization.ts";
import { reductionCases } from "./cases/reductions.ts";
import { samplingCases } from "./cases/sampling.ts";
import { windowCases } from "./cases/windows.ts";

/** Graphs are written in any set from ours to the newest that ONNX Runtime has; what is in between changes no more. */
const inAnySet =
  (draw: DrawCase): DrawCase =>
  (d) => ({ opset: d.pick([OPSET, 24]), ...draw(d) });

const listed: Cases = {
  ...indexingCases,
  ...movementCases,
  ...normalizationCases,
  ...pointwiseCases,
  ...productCases,
  ...quantizationCases,
  ...reductionCases,
  ...samplingCases,
  ...windowCases,
};

/** How to draw a case of each operator that has a rule. */
export const cases: Cases = Object.fromEntries(
  Object.entries(listed).map(([name, draw]) => [name, inAnySet(draw)]),
);
