import { listNames, UsageError } from "../../base/errors.ts";
import type { Convention } from "../convention.ts";
import { captum } from "./captum.ts";
import { innvestigate } from "./innvestigate.ts";
import { keras } from "./keras.ts";
import { pytorchGradCam } from "./pytorch-grad-cam.ts";

/** Other libraries' ways; names, choices and documentation follow from this list. */
export const conventions: readonly Convention[] = [captum, innvestigate, keras, pytorchGradCam];

/** @throws UsageError listing the conventions when there is none of that name */
export function findConvention(name: string): Convention {
  const convention = conventions.find((candidate) => candidate.name === name);
  if (convention) return convention;
  throw new UsageError(
    `There is no convention "${name}"; those of other libraries are ${listNames(conventions.map((known) => known.name))}.`,
  );
}
