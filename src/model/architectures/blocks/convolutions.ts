import type { Value } from "../../../graph/graph.ts";
import type { ActivationKind } from "../../layers/activation.ts";
import type { Conv2dOptions } from "../../layers/conv2d.ts";
import { activation, batchNormalization, conv2d } from "../../layers/index.ts";
import type { NetworkBuilder } from "../../network.ts";

export type Convolution = Pick<Conv2dOptions, "filters" | "kernel" | "stride" | "padding" | "groups">;

/** A convolution without bias and the batch normalization behind it, named each by itself. */
export function normalized(
  network: NetworkBuilder,
  x: Value,
  convolution: Convolution,
  { conv, norm, epsilon }: { readonly conv: string; readonly norm: string; readonly epsilon?: number },
): Value {
  const y = conv2d(network, x, { ...convolution, bias: false, relu: false, name: conv });
  return batchNormalization(network, y, { name: norm, ...(epsilon === undefined ? {} : { epsilon }) });
}

/** Convolution, batch normalization and nonlinearity, numbered 0, 1 and 2 under `name`. */
export function activated(
  network: NetworkBuilder,
  x: Value,
  kind: ActivationKind,
  name: string,
  convolution: Convolution,
): Value {
  const y = normalized(
    network,
    x,
    { padding: "half", ...convolution },
    { conv: `${name}.0`, norm: `${name}.1` },
  );
  return activation(network, y, kind, `${name}.2`);
}
