import { float32, type Tensor } from "../../../src/base/tensor.ts";
import { int, type Value } from "../../../src/graph/graph.ts";
import { operator } from "../finite-differences.ts";
import type { Cases, DrawCase } from "./draws.ts";

const int8 = (shape: readonly number[], values: readonly number[]): Tensor<"int8"> => ({
  dtype: "int8",
  shape,
  data: Int8Array.from(values),
});

/** Beyond the range, where it is flat indeed: within, the rule passes what differences do not see. */
const quantize =
  (domain: string): DrawCase =>
  (d) => {
    const shape = d.shape(3);
    const beyond = d.values(shape, { low: 1.5, high: 2 });
    return {
      inputs: {
        x: float32(
          shape,
          beyond.data.map((value) => (d.flag() ? value : -value)),
        ),
      },
      build(g, { x }) {
        const scale = [float32([], [0.01]), g.constant(int8([], [d.integer(-9, 9)]))] as const;
        const steps: readonly Value[] = [g.constant(scale[0]), scale[1]];
        const [q] = g.node({
          op: "QuantizeLinear",
          domain,
          inputs: [x, ...steps],
          outputs: [{ dtype: "int8", shape }],
        });
        return g.node({
          op: "DequantizeLinear",
          domain,
          inputs: [q, ...steps],
          outputs: [{ dtype: "float32", shape }],
        })[0]!;
      },
    };
  };

/** As a function of its scale, one for all or one a place along an axis. */
const dequantize =
  (domain: string): DrawCase =>
  (d) => {
    const shape = d.shape(3);
    const axis = d.integer(-3, 2);
    const scales = d.pick([[], [shape.at(axis)!]]);
    const size = (of: readonly number[]): number => of.reduce((product, extent) => product * extent, 1);
    const whole = (of: readonly number[]): Tensor =>
      int8(
        of,
        Array.from({ length: size(of) }, () => d.integer(-9, 9)),
      );
    return operator("DequantizeLinear", [d.values(scales)], {
      domain,
      constants: { 0: whole(shape), ...(d.flag() ? { 2: whole(scales) } : {}) },
      attributes: { axis: int(axis) },
    });
  };

export const quantizationCases: Cases = {
  DequantizeLinear: dequantize(""),
  QuantizeLinear: quantize(""),
  "com.microsoft.DequantizeLinear": dequantize("com.microsoft"),
  "com.microsoft.QuantizeLinear": quantize("com.microsoft"),
};
