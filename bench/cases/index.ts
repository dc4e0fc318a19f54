import type { BenchCase } from "../case.ts";
import { epoch } from "./epoch.ts";
import { gemm } from "./gemm.ts";
import { heatmaps } from "./heatmaps.ts";
import { infer } from "./infer.ts";
import { predict } from "./predict.ts";
import { step } from "./step.ts";

/** Everything that `npm run bench` measures, quick ones first. */
export const cases: readonly BenchCase[] = [gemm, step, infer, predict, epoch, heatmaps];
