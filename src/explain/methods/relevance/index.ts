import type { Method } from "../../method.ts";

/** The score handed back layer by layer, by rules that keep its sum. */
export const relevance: readonly Method[] = [];
