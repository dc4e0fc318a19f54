import type { Trial } from "./trial.ts";

/**
 * Indices of the map's pixels, the most relevant first. Equal ones stand in a random order, so that a map that says nothing does as
 * well as chance.
 */
export function pixelsByRelevance({ map, random }: Pick<Trial, "map" | "random">): Uint32Array {
  const order = random("ties").shuffle(Uint32Array.from(map.data, (_, at) => at));
  return order.sort((a, b) => map.data[b]! - map.data[a]!);
}
