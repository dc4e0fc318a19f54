import type { BenchCase } from "../case.ts";
import { agreement } from "./agreement.ts";
import { answers } from "./answers.ts";
import { architectures } from "./architectures.ts";
import { cams } from "./cams.ts";
import { epoch } from "./epoch.ts";
import { exactness } from "./exactness.ts";
import { features } from "./features.ts";
import { gemm } from "./gemm.ts";
import { gradcam } from "./gradcam.ts";
import { heatmaps } from "./heatmaps.ts";
import { infer } from "./infer.ts";
import { integratedGradients } from "./integrated-gradients.ts";
import { memory } from "./memory.ts";
import { open } from "./open.ts";
import { predict } from "./predict.ts";
import { resnet50 } from "./resnet50.ts";
import { scoreCam } from "./score-cam.ts";
import { step } from "./step.ts";

/** Everything that `npm run bench` measures, quick ones first. */
export const cases: readonly BenchCase[] = [
  gemm,
  step,
  infer,
  predict,
  agreement,
  answers,
  gradcam,
  resnet50,
  cams,
  scoreCam,
  integratedGradients,
  exactness,
  memory,
  features,
  open,
  epoch,
  heatmaps,
  architectures,
];
