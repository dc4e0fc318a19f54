import type { Value } from "../../../graph/graph.ts";
import { averagePooling2d, concatenate, maxPooling2d } from "../../layers/index.ts";
import type { NetworkBuilder } from "../../network.ts";
import { inceptionConvolution } from "./inception.ts";

type Kernel = number | readonly [height: number, width: number];

/** What the modules of one network share: a convolution under the module's name, and the two poolings. */
function parts(network: NetworkBuilder, module: string) {
  return {
    /** Keeps its input's size. */
    conv: (x: Value, name: string, filters: number, kernel: Kernel): Value =>
      inceptionConvolution(network, x, `${module}.${name}`, { filters, kernel, padding: "half" }),
    /** Halves it. */
    halving: (x: Value, name: string, filters: number): Value =>
      inceptionConvolution(network, x, `${module}.${name}`, { filters, kernel: 3, stride: 2 }),
    average: (x: Value): Value =>
      averagePooling2d(network, x, 3, { stride: 1, padding: 1, name: `${module}.avg_pool2d` }),
    maximum: (x: Value): Value => maxPooling2d(network, x, 3, { stride: 2, name: `${module}.max_pool2d` }),
    joined: (values: readonly Value[], name = "cat"): Value =>
      concatenate(network, values, `${module}.${name}`),
  };
}

/** Two 3×3 in the place of a 5×5: figure 5 of Szegedy et al. 2015. `pooled` filters stand behind the pooling. */
export function moduleA(network: NetworkBuilder, x: Value, name: string, pooled: number): Value {
  const { conv, average, joined } = parts(network, name);
  const five = conv(conv(x, "branch5x5_1", 48, 1), "branch5x5_2", 64, 5);
  let double = conv(conv(x, "branch3x3dbl_1", 64, 1), "branch3x3dbl_2", 96, 3);
  double = conv(double, "branch3x3dbl_3", 96, 3);
  const pool = conv(average(x), "branch_pool", pooled, 1);
  return joined([conv(x, "branch1x1", 64, 1), five, double, pool]);
}

/** From 35×35 to 17×17: figure 10. */
export function moduleB(network: NetworkBuilder, x: Value, name: string): Value {
  const { conv, halving, maximum, joined } = parts(network, name);
  const double = conv(conv(x, "branch3x3dbl_1", 64, 1), "branch3x3dbl_2", 96, 3);
  return joined([halving(x, "branch3x3", 384), halving(double, "branch3x3dbl_3", 96), maximum(x)]);
}

/** 7×7 as 1×7 and 7×1: figure 6, with `inner` filters inside its branches. */
export function moduleC(network: NetworkBuilder, x: Value, name: string, inner: number): Value {
  const { conv, average, joined } = parts(network, name);
  const [row, column]: Kernel[] = [
    [1, 7],
    [7, 1],
  ];
  let single = conv(x, "branch7x7_1", inner, 1);
  single = conv(conv(single, "branch7x7_2", inner, row!), "branch7x7_3", 192, column!);
  let double = conv(x, "branch7x7dbl_1", inner, 1);
  double = conv(conv(double, "branch7x7dbl_2", inner, column!), "branch7x7dbl_3", inner, row!);
  double = conv(conv(double, "branch7x7dbl_4", inner, column!), "branch7x7dbl_5", 192, row!);
  const pool = conv(average(x), "branch_pool", 192, 1);
  return joined([conv(x, "branch1x1", 192, 1), single, double, pool]);
}

/** From 17×17 to 8×8. */
export function moduleD(network: NetworkBuilder, x: Value, name: string): Value {
  const { conv, halving, maximum, joined } = parts(network, name);
  const three = halving(conv(x, "branch3x3_1", 192, 1), "branch3x3_2", 320);
  let seven = conv(conv(x, "branch7x7x3_1", 192, 1), "branch7x7x3_2", 192, [1, 7]);
  seven = halving(conv(seven, "branch7x7x3_3", 192, [7, 1]), "branch7x7x3_4", 192);
  return joined([three, seven, maximum(x)]);
}

/** 1×3 and 3×1 side by side: figure 7. */
export function moduleE(network: NetworkBuilder, x: Value, name: string): Value {
  const { conv, average, joined } = parts(network, name);
  const split = (y: Value, branch: string, join: string): Value =>
    joined([conv(y, `${branch}a`, 384, [1, 3]), conv(y, `${branch}b`, 384, [3, 1])], join);
  const alone = conv(x, "branch1x1", 320, 1);
  const three = split(conv(x, "branch3x3_1", 384, 1), "branch3x3_2", "cat");
  const double = conv(conv(x, "branch3x3dbl_1", 448, 1), "branch3x3dbl_2", 384, 3);
  const doubles = split(double, "branch3x3dbl_3", "cat_1");
  const pool = conv(average(x), "branch_pool", 192, 1);
  return joined([alone, three, doubles, pool], "cat_2");
}
