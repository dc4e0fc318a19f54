import type { Method } from "../../method.ts";

/** Maps that explain nothing, or another network: what every method is to be held against. */
export const control: readonly Method[] = [];
