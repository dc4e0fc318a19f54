import type { Method } from "../method.ts";
import { attention } from "./attention/index.ts";
import { cam } from "./cam/index.ts";
import { control } from "./control/index.ts";
import { gradient } from "./gradient/index.ts";
import { perturbation } from "./perturbation/index.ts";
import { relevance } from "./relevance/index.ts";

/** Every attribution method, by family: names, choices, documentation and conformance tests follow from this table. */
export const families: Readonly<Record<string, readonly Method[]>> = {
  cam,
  gradient,
  relevance,
  perturbation,
  attention,
  control,
};

export const methods: readonly Method[] = Object.values(families).flat();
