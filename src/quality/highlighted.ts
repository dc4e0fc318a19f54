import { rangeOf } from "../base/range.ts";
import { extentsOf, probabilitiesOf, type Trial } from "./trial.ts";

/** The class's probability in the picture, and in what the map leaves of it. */
export interface Confidence {
  readonly whole: number;
  readonly highlighted: number;
}

const found = new WeakMap<Trial, Promise<Confidence>>();

/** Asked once for a trial: several metrics compare the two. */
export function confidenceOf(trial: Trial): Promise<Confidence> {
  const confidence = found.get(trial) ?? ask(trial);
  found.set(trial, confidence);
  return confidence;
}

/** The picture is multiplied by the map's positive part, brought to [0, 1]. */
async function ask(trial: Trial): Promise<Confidence> {
  const { pixels } = extentsOf(trial);
  const evidence = trial.map.data.map((value) => Math.max(0, value));
  const [least, most] = rangeOf(evidence);
  const share = evidence.map((value) => (most > least ? (value - least) / (most - least) : 0));
  const [whole, highlighted] = await probabilitiesOf(trial, {
    count: 2,
    change(version, into) {
      if (version === 1) for (let at = 0; at < into.length; at++) into[at]! *= share[at % pixels]!;
    },
  });
  return { whole: whole!, highlighted: highlighted! };
}
