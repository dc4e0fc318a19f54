import { rangeOf } from "../base/range.ts";
import { impute } from "./imputation.ts";
import type { Curve } from "./metric.ts";
import { pixelsByRelevance } from "./ranking.ts";
import { extentsOf, probabilitiesOf, type Trial, type Versions } from "./trial.ts";

/** Parts of the pixels that are removed. */
const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/** Standard deviation of the noise on imputed pixels, as a share of the picture's range. */
const NOISE = 0.01;

/** What remove-and-debias makes of a map: the change of the class's probability by the share of the pixels that were removed. */
export interface Road {
  /** The most relevant first. */
  readonly morf: Curve;
  /** The least relevant first. */
  readonly lerf: Curve;
}

const found = new WeakMap<Trial, Promise<Road>>();

/** Asked once for a trial: three metrics are made of it. */
export function roadOf(trial: Trial): Promise<Road> {
  const road = found.get(trial) ?? ask(trial);
  found.set(trial, road);
  return road;
}

async function ask(trial: Trial): Promise<Road> {
  const order = pixelsByRelevance(trial);
  const versions = removals(trial, order);
  const [whole, ...rest] = await probabilitiesOf(trial, versions);
  const changes = rest.map((probability) => probability - whole!);
  const curve = (values: readonly number[]): Curve =>
    SHARES.map((share, at) => [share, values[at]!] as const);
  return { morf: curve(changes.slice(0, SHARES.length)), lerf: curve(changes.slice(SHARES.length)) };
}

/** The picture, then with the first of `order` removed, share by share, then with its last. */
function removals(trial: Trial, order: Uint32Array): Versions {
  const extents = extentsOf(trial);
  const [least, most] = rangeOf(trial.inputs.data);
  return {
    count: 1 + 2 * SHARES.length,
    change(version, into) {
      if (version === 0) return;
      const share = Math.round(SHARES[(version - 1) % SHARES.length]! * extents.pixels);
      const chosen = version <= SHARES.length ? order.subarray(0, share) : order.subarray(-share);
      const removed = new Uint8Array(extents.pixels);
      for (const pixel of chosen) removed[pixel] = 1;
      impute(into, extents, removed);
      const noise = trial.random("imputation", version);
      for (let at = 0; at < into.length; at++)
        if (removed[at % extents.pixels]) into[at]! += NOISE * (most - least) * noise.normal();
    },
  };
}

/** The mean of a curve's values. */
export function meanOf(curve: Curve): number {
  return curve.reduce((sum, [, value]) => sum + value, 0) / curve.length;
}
