import type { GraphBuilder } from "../graph/builder.ts";
import { type Graph, type Shape, staticShape, type Value } from "../graph/graph.ts";
import * as op from "../graph/operators/index.ts";

/** Where the places of a picture stand in an activation. */
export interface Grid {
  /**
   * Channels first `[N, C, h, w]`, channels last `[N, h, w, C]`, or tokens `[N, skip + h·w, C]`, also as the only window of a
   * picture, `[N, 1, h·w, C]`.
   */
  readonly layout: "NCHW" | "NHWC" | "NTC";
  readonly height: number;
  readonly width: number;
  /** Tokens before the first place's: class, distillation and register tokens; 0 in the other layouts. */
  readonly skip: number;
}

/** How many tokens networks put before the patches: none, class, class and distillation, registers without and with class. */
const leading = [0, 1, 2, 4, 5];

/**
 * The grid of an activation, read off its extents after the batch and the size of the picture; undefined where it has no places,
 * or one alone. Four extents are channels first unless only channels last has the picture's aspect.
 */
export function gridFor(
  extents: readonly number[],
  picture: { readonly height: number; readonly width: number },
): Grid | undefined {
  const fits = (height: number, width: number, slack: number): boolean => {
    const stride = Math.sqrt((picture.height * picture.width) / (height * width));
    return (
      Math.abs(height - picture.height / stride) <= slack && Math.abs(width - picture.width / stride) <= slack
    );
  };
  if (extents.length === 2) {
    const [tokens] = extents as [number, number];
    for (const skip of leading) {
      const places = tokens - skip;
      if (places < 2) return undefined;
      const height = Math.round(Math.sqrt((places * picture.height) / picture.width));
      const width = places / height;
      if (Number.isInteger(width) && fits(height, width, 0.5)) return { layout: "NTC", height, width, skip };
    }
    return undefined;
  }
  if (extents.length !== 3) return undefined;
  const [a, b, c] = extents as [number, number, number];
  const window = a === 1 && !fits(b, c, 1) ? gridFor([b, c], picture) : undefined;
  if (window?.skip === 0) return window;
  // Kernels without padding cost a cell here and there.
  const last = !fits(b, c, 1) && fits(a, b, 1);
  const [height, width] = last ? [a, b] : [b, c];
  return height * width === 1 ? undefined : { layout: last ? "NHWC" : "NCHW", height, width, skip: 0 };
}

/** The grid of a value; undefined too where its first extent is not the batch, as in windows of a picture. */
export function gridOf({ inputs, values }: Graph, name: string): Grid | undefined {
  const [n, , height, width] = inputs[0]!.shape as Shape & [unknown, unknown, number, number];
  const [first, ...extents] = values.get(name)?.shape ?? [];
  if (first !== n || extents.some((extent) => typeof extent !== "number")) return undefined;
  return gridFor(extents as number[], { height, width });
}

/** The activation with its places as maps, `[N, C, h, w]`; leading tokens are left out. */
export function toMaps(g: GraphBuilder, value: Value, { layout, height, width, skip }: Grid): Value {
  if (layout === "NCHW") return value;
  if (layout === "NHWC") return op.transpose(g, value, [0, 3, 1, 2]);
  const shape = staticShape(value);
  const [n, tokens, channels] = [shape[0]!, shape.at(-2)!, shape.at(-1)!];
  const places = skip ? op.slice(g, value, [1], [skip], [tokens]) : value;
  return op.transpose(g, op.reshape(g, places, [n, height, width, channels]), [0, 3, 1, 2]);
}
