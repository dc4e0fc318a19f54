import { existsSync } from "node:fs";
import { UserError } from "../../base/errors.ts";
import type { Architecture } from "../architecture.ts";
import { architectures } from "../architectures/index.ts";
import type { Network } from "../model.ts";
import { cachedPath } from "./cache.node.ts";
import { openWeights } from "./open.node.ts";

/** The architecture of that name; undefined if there is none. */
export function architectureNamed(name: string): Architecture | undefined {
  const known: Readonly<Record<string, Architecture>> = architectures;
  return Object.hasOwn(known, name) ? known[name] : undefined;
}

/**
 * An architecture with its published weights, from the cache; undefined if none of that name has any.
 * @param size side of the picture in pixels, the architecture's own unless given
 * @throws UserError when they were not fetched yet, saying how to
 */
export function publishedNetwork(name: string, size?: number): Network | undefined {
  const architecture = architectureNamed(name);
  if (!architecture?.weights) return undefined;
  const path = cachedPath(architecture.weights);
  if (!existsSync(path))
    throw new UserError(`The weights of ${name} are not here yet; get them: convscope weights get ${name}.`);
  return openWeights(architecture, path, size === undefined ? {} : { size }).network;
}
