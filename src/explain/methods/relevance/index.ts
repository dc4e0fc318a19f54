import type { Method } from "../../method.ts";
import { deepLift } from "./deep-lift.ts";
import { deepLiftShap } from "./deep-lift-shap.ts";
import { deepTaylor } from "./deep-taylor.ts";
import { excitationBackprop } from "./excitation-backprop.ts";
import { lrpAlphaBeta } from "./lrp-alpha-beta.ts";
import { lrpEpsilon } from "./lrp-epsilon.ts";
import { lrpEpsilonAlpha2Beta1 } from "./lrp-epsilon-alpha2-beta1.ts";
import { lrpEpsilonGammaBox } from "./lrp-epsilon-gamma-box.ts";
import { lrpEpsilonPlus } from "./lrp-epsilon-plus.ts";
import { lrpFlat } from "./lrp-flat.ts";
import { lrpGamma } from "./lrp-gamma.ts";
import { lrpPresetA } from "./lrp-preset-a.ts";
import { lrpPresetB } from "./lrp-preset-b.ts";
import { lrpWSquare } from "./lrp-w-square.ts";
import { lrpZ } from "./lrp-z.ts";
import { lrpZBox } from "./lrp-z-box.ts";
import { lrpZPlus } from "./lrp-z-plus.ts";

/** The score handed back layer by layer, by rules that keep its sum. */
export const relevance: readonly Method[] = [
  deepLift,
  deepLiftShap,
  lrpZ,
  lrpEpsilon,
  lrpGamma,
  lrpZPlus,
  lrpAlphaBeta,
  lrpWSquare,
  lrpFlat,
  lrpZBox,
  lrpEpsilonPlus,
  lrpEpsilonGammaBox,
  lrpEpsilonAlpha2Beta1,
  lrpPresetA,
  lrpPresetB,
  deepTaylor,
  excitationBackprop,
];
