import type { Method } from "../../method.ts";
import { gradCam } from "./grad-cam.ts";

/** Class activation maps: a weighted sum of a layer's channels. */
export const cam: readonly Method[] = [gradCam];
