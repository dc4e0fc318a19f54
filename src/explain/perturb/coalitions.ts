import type { Random } from "../../base/random.ts";

/** Coalitions of features, and what each weighs in KernelSHAP's regression. */
export interface WeightedCoalitions {
  readonly coalitions: readonly Uint8Array[];
  readonly weights: readonly number[];
}

/**
 * What all coalitions of a size weigh together in KernelSHAP's regression, up to a factor: `(M − 1) / (k (M − k))`; nothing and
 * everything, which hold exactly, 0.
 */
export function sizeWeight(size: number, features: number): number {
  return size === 0 || size === features ? 0 : (features - 1) / (size * (features - size));
}

/**
 * Coalitions for KernelSHAP, as the shap package chooses them: all of those sizes, from the ends on, of which so many would be drawn
 * anyway; of the others some at random, each with its complement. All there are when there are no more than `samples`.
 */
export function drawCoalitions(features: number, samples: number, source: Random): WeightedCoalitions {
  const coalitions: Uint8Array[] = [];
  const weights: number[] = [];
  // A size and that of its complements.
  const sizes = Array.from({ length: Math.floor(features / 2) }, (_, at) => at + 1);
  const sides = (size: number): number => (2 * size === features ? 1 : 2);
  const weightOf = (size: number): number => sides(size) * sizeWeight(size, features);
  let left = sizes.reduce((sum, size) => sum + weightOf(size), 0);
  while (sizes.length > 0) {
    const size = sizes[0]!;
    const weight = weightOf(size);
    const count = sides(size) * choose(features, size);
    if (((samples - coalitions.length) * weight) / left < count - 1e-6) break;
    for (const coalition of subsets(features, size)) {
      coalitions.push(coalition);
      if (sides(size) === 2) coalitions.push(complement(coalition));
    }
    while (weights.length < coalitions.length) weights.push(weight / count);
    left -= weight;
    sizes.shift();
  }
  const pairs = sizes.length > 0 ? Math.floor((samples - coalitions.length) / 2) : 0;
  const all = Array.from({ length: features }, (_, at) => at);
  for (let pair = 0; pair < pairs; pair++) {
    const size = drawSize(sizes, weightOf, source.uniform(0, left));
    const coalition = new Uint8Array(features);
    for (const feature of source.shuffle(all).slice(0, size)) coalition[feature] = 1;
    coalitions.push(coalition, complement(coalition));
    weights.push(left / (2 * pairs), left / (2 * pairs));
  }
  return { coalitions, weights };
}

/** The size within whose weight a place on the line of all weights falls. */
function drawSize(sizes: readonly number[], weightOf: (size: number) => number, place: number): number {
  let rest = place;
  for (const size of sizes) {
    rest -= weightOf(size);
    if (rest < 0) return size;
  }
  return sizes.at(-1)!;
}

function complement(coalition: Uint8Array): Uint8Array {
  return coalition.map((shown) => 1 - shown);
}

function choose(features: number, size: number): number {
  let count = 1;
  for (let at = 1; at <= size; at++) count = (count * (features - size + at)) / at;
  return Math.round(count);
}

/** All coalitions of `size` features, in order. */
function* subsets(features: number, size: number, from = 0): Generator<Uint8Array> {
  if (size === 0) {
    yield new Uint8Array(features);
    return;
  }
  for (let first = from; first <= features - size; first++)
    for (const rest of subsets(features, size - 1, first + 1)) {
      rest[first] = 1;
      yield rest;
    }
}
