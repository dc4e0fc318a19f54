import { sha256 } from "../base/hash.ts";
import { bytesOf } from "../base/tensor.ts";
import type { InputSpec } from "../model/model.ts";
import { preparation } from "../model/preprocessing.ts";
import type { Explanation } from "./explanation.ts";

/** Where an explanation comes from. */
export interface Origin {
  /** Path of the model, and the image's name. */
  readonly model: string;
  readonly image: string;
  readonly input: InputSpec;
  /** What ran it. */
  readonly engine: string;
}

/** What an explanation's raw numbers are, in plain JSON, for whoever finds them later. */
export async function explanationRecord(
  explanation: Explanation,
  { model, image, input, engine }: Origin,
): Promise<Record<string, unknown>> {
  const { method, options, sign, convention, layers, target, scores, raw, checks, passes, warnings } =
    explanation;
  return {
    ...{ model, image, engine },
    preparation: preparation(input),
    method: method.name,
    formula: method.formula,
    paper: method.paper,
    options: await plainOptions(options),
    ...(layers.length > 0 ? { layer: layers.map(({ name }) => name).join(" + ") } : {}),
    shape: raw.shape,
    raw: "as the formula has it: nothing cut off, enlarged or scaled",
    picture: convention
      ? `as ${convention.library}: ${convention.scaling}`
      : `${sign === "signed" ? "signed" : "positive part"}, enlarged bilinearly, half-pixel`,
    target: written(target),
    logits: scores.map(({ label, logit }) => ({ label, logit })),
    ...{ checks, passes, warnings },
  };
}

/** Options of a method in plain JSON: of a tensor its shape and hash. */
export async function plainOptions(options: Explanation["options"]): Promise<Record<string, unknown>> {
  return Object.fromEntries(await Promise.all(Object.entries(options).map(plain)));
}

async function plain([name, value]: readonly [string, unknown]): Promise<readonly [string, unknown]> {
  if (typeof value !== "object" || value === null || !("dtype" in value)) return [name, value];
  const tensor = value as Parameters<typeof bytesOf>[0];
  return [name, { shape: tensor.shape, sha256: await sha256(bytesOf(tensor)) }];
}

/** Without the numbers that it has none of, which JSON cannot hold. */
const written = (target: Explanation["target"]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(target).filter(([, value]) => !Number.isNaN(value)));
