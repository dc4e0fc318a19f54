import { UserError } from "../base/errors.ts";
import type { Evaluation, Judgement } from "./evaluate.ts";

/** Two networks on the same pictures, counted by who is right. */
export interface McNemar {
  readonly bothRight: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly bothWrong: number;
  /** Probability of a difference at least as great if both were equally good. */
  readonly p: number;
}

/**
 * McNemar's test (1947) in its exact, two-sided form: of the pictures that only one network gets right, each would be as
 * likely to be the one's as the other's.
 * @throws UserError when the pictures are not the same
 */
export function mcnemar(first: Evaluation, second: Evaluation): McNemar {
  const others = new Map(second.judgements.map((judgement) => [judgement.sample.name, judgement]));
  const count = { bothRight: 0, onlyFirst: 0, onlySecond: 0, bothWrong: 0 };
  for (const judgement of first.judgements) {
    const other = others.get(judgement.sample.name);
    if (other?.sample.hash !== judgement.sample.hash || first.n !== second.n)
      throw new UserError(
        "The two networks were evaluated on different pictures; evaluate both on the same.",
      );
    if (isRight(judgement)) count[isRight(other) ? "bothRight" : "onlyFirst"]++;
    else count[isRight(other) ? "onlySecond" : "bothWrong"]++;
  }
  return { ...count, p: signTest(count.onlyFirst, count.onlySecond) };
}

const isRight = ({ sample, predicted }: Judgement): boolean => sample.label === predicted;

/** `min(1, 2 · P(X ≤ min(a, b)))` for X binomial with `a + b` throws of a fair coin; terms as logarithms, so as not to underflow. */
function signTest(a: number, b: number): number {
  const n = a + b;
  let term = -n * Math.LN2;
  let sum = 0;
  for (let k = 0; k <= Math.min(a, b); k++) {
    sum += Math.exp(term);
    term += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * sum);
}
