import type { Method } from "../../method.ts";
import { edges } from "./edges.ts";
import { random } from "./random.ts";
import { shuffledWeights } from "./shuffled-weights.ts";

/** Maps that explain nothing, or another network: what every method is to be held against. */
export const control: readonly Method[] = [random, edges, shuffledWeights];
