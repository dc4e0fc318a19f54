import { int64 } from "../../../src/base/tensor.ts";
import { int } from "../../../src/graph/graph.ts";
import { operator, type ValueOptions } from "../finite-differences.ts";
import { aroundZero, awayFromZero, type Cases, type DrawCase, positive, someAxes, whole } from "./draws.ts";

const reduction =
  (name: string, options?: ValueOptions): DrawCase =>
  (d) => {
    const shape = d.shape(d.integer(1, 4));
    const axes = someAxes(d, shape.length);
    const tensor =
      name === "ReduceMax" || name === "ReduceMin" ? d.distinct(shape) : d.values(shape, options);
    return operator(name, [tensor], {
      attributes: {
        keepdims: int(Number(d.flag())),
        ...(d.flag() ? { noop_with_empty_axes: int(1) } : {}),
      },
      ...(axes.length > 0 || d.flag() ? { constants: { 1: whole(axes) } } : {}),
    });
  };

const cumSum: DrawCase = (d) => {
  const shape = d.shape(d.integer(1, 3));
  const axis = d.integer(-shape.length, shape.length - 1);
  return operator("CumSum", [d.values(shape)], {
    constants: { 1: d.flag() ? int64([], [axis]) : whole([axis]) },
    attributes: {
      ...(d.flag() ? { exclusive: int(1) } : {}),
      ...(d.flag() ? { reverse: int(1) } : {}),
    },
  });
};

export const reductionCases: Cases = {
  CumSum: cumSum,
  ReduceL1: reduction("ReduceL1", aroundZero),
  ReduceL2: reduction("ReduceL2", positive),
  ReduceLogSum: reduction("ReduceLogSum", positive),
  ReduceLogSumExp: reduction("ReduceLogSumExp"),
  ReduceMax: reduction("ReduceMax"),
  ReduceMean: reduction("ReduceMean"),
  ReduceMin: reduction("ReduceMin"),
  ReduceProd: reduction("ReduceProd", awayFromZero),
  ReduceSum: reduction("ReduceSum"),
  ReduceSumSquare: reduction("ReduceSumSquare"),
};
