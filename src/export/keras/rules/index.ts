import type { NodeRules } from "../call.ts";
import { activations } from "./activations.ts";
import { convolutions } from "./convolution.ts";
import { merges } from "./merging.ts";
import { poolings } from "./pooling.ts";
import { products } from "./products.ts";
import { reshapers } from "./reshaping.ts";
import { scalings } from "./scaling.ts";

/** How Keras's layers do what an operator does, one family a file. */
export const rules: NodeRules = {
  ...activations,
  ...convolutions,
  ...merges,
  ...poolings,
  ...products,
  ...reshapers,
  ...scalings,
};
