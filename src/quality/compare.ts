import { UserError } from "../base/errors.ts";
import type { Tensor } from "../base/tensor.ts";
import { findMethod } from "../explain/explain.ts";
import type { Method } from "../explain/method.ts";
import { targetIndex } from "../explain/target.ts";
import { checkClassifier } from "../model/classifier.ts";
import { findLayer } from "../model/find-layer.ts";
import type { Model } from "../model/model.ts";
import { type Scored, type ScoreOptions, scoreExplanation } from "./score.ts";

export interface CompareOptions extends Omit<ScoreOptions, "method" | "options"> {
  /** Names of the methods, in the order in which their turn comes. */
  readonly methods: readonly string[];
  /** By the names of methods, what they are to do otherwise than by themselves. */
  readonly options?: Readonly<Record<string, ScoreOptions["options"]>>;
  /** Told of each method when its turn has come. */
  readonly onMethod?: (method: Method, at: number) => void;
}

/** One of several explanations of a picture; or why there is none by this method. */
export type Compared = { readonly method: Method } & (
  | { readonly scored: Scored }
  | { readonly refused: string }
);

/**
 * Explains a target in one picture by many methods, one after the other, and measures each explanation. A method that the network does not
 * go with is refused, and does not keep the others from their turn.
 * @param inputs `[1, C, H, W]`
 * @throws UserError when there is no such class or layer, or the network knows no classes
 */
export async function* compareMethods(
  model: Model,
  inputs: Tensor<"float32">,
  { methods, options = {}, onMethod, layer, ...asked }: CompareOptions,
): AsyncGenerator<Compared> {
  // What is wrong for all of them is no method's fault.
  checkClassifier(model, model.source);
  targetIndex(asked.target ?? "top", model.classes);
  if (layer !== undefined) for (const name of [layer].flat()) findLayer(model, name);
  for (const [at, name] of methods.entries()) {
    const method = findMethod(name);
    onMethod?.(method, at);
    const own = options[name];
    const where = layer !== undefined && method.at !== "input" ? { layer } : {};
    try {
      const scored = await scoreExplanation(model, inputs, {
        ...asked,
        ...where,
        method: name,
        ...(own ? { options: own } : {}),
      });
      yield { method, scored };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      yield { method, refused: error.message };
    }
  }
}

/** The best first, by one of the metrics; what could not be measured stands last. */
export function bestFirst(
  scored: readonly Scored[],
  { name, better }: { readonly name: string; readonly better: "higher" | "lower" },
): Scored[] {
  const sign = better === "higher" ? 1 : -1;
  const value = ({ measured }: Scored): number => sign * (measured.get(name)?.value ?? Number.NaN);
  const rank = (one: Scored): number => (Number.isNaN(value(one)) ? Number.NEGATIVE_INFINITY : value(one));
  return scored.toSorted((a, b) => rank(b) - rank(a));
}
