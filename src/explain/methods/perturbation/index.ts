import type { Method } from "../../method.ts";

/** What becomes of the score when parts of the picture are taken away. */
export const perturbation: readonly Method[] = [];
