import type { Method } from "../../method.ts";
import { deconvnet } from "./deconvnet.ts";
import { guidedBackprop } from "./guided-backprop.ts";
import { redirectedRelu } from "./redirected-relu.ts";

/** The gradient of the score by the input or a layer, and what is made of it along paths and under noise. */
export const gradient: readonly Method[] = [guidedBackprop, deconvnet, redirectedRelu];
