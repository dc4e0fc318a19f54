import type { Method } from "../../method.ts";
import { ablationCam } from "./ablation-cam.ts";
import { cam as zhouCam } from "./cam.ts";
import { eigenCam } from "./eigen-cam.ts";
import { eigenGradCam } from "./eigen-grad-cam.ts";
import { fasterScoreCam } from "./faster-score-cam.ts";
import { fem } from "./fem.ts";
import { finerCam } from "./finer-cam.ts";
import { fullGrad } from "./full-grad.ts";
import { gradCam } from "./grad-cam.ts";
import { gradCamElementwise } from "./grad-cam-elementwise.ts";
import { gradCamPlusPlus } from "./grad-cam-plus-plus.ts";
import { guidedGradCam } from "./guided-grad-cam.ts";
import { hiresCam } from "./hires-cam.ts";
import { isCam } from "./is-cam.ts";
import { kpcaCam } from "./kpca-cam.ts";
import { layerCam } from "./layer-cam.ts";
import { scoreCam } from "./score-cam.ts";
import { shapleyCam } from "./shapley-cam.ts";
import { smoothGradCamPlusPlus } from "./smooth-grad-cam-plus-plus.ts";
import { ssCam } from "./ss-cam.ts";
import { xgradCam } from "./xgrad-cam.ts";

/** Class activation maps: a weighted sum of a layer's channels. */
export const cam: readonly Method[] = [
  gradCam,
  gradCamPlusPlus,
  smoothGradCamPlusPlus,
  xgradCam,
  hiresCam,
  layerCam,
  gradCamElementwise,
  shapleyCam,
  finerCam,
  zhouCam,
  scoreCam,
  fasterScoreCam,
  ssCam,
  isCam,
  ablationCam,
  eigenCam,
  eigenGradCam,
  kpcaCam,
  fem,
  fullGrad,
  guidedGradCam,
];
