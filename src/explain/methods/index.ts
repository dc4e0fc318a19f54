import type { Method } from "../method.ts";
import { gradCam } from "./grad-cam.ts";

/** Every attribution method; names, choices, documentation and conformance tests follow from this list. */
export const methods: readonly Method[] = [gradCam];
