import type { Value } from "../../../graph/graph.ts";
import { activation } from "../../layers/index.ts";
import type { NetworkBuilder } from "../../network.ts";
import { type Convolution, normalized } from "./convolutions.ts";

/** Convolution, batch normalization, ReLU: what Inception networks are made of since Szegedy et al. 2015. */
export function inceptionConvolution(
  network: NetworkBuilder,
  x: Value,
  name: string,
  convolution: Convolution,
): Value {
  const names = { conv: `${name}.conv`, norm: `${name}.bn`, epsilon: 1e-3 };
  return activation(network, normalized(network, x, convolution, names), "ReLU", `${name}.relu`);
}
