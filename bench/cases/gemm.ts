import { nodeEngine } from "../../src/engine/node.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import * as op from "../../src/graph/operators/index.ts";
import type { BenchCase } from "../case.ts";
import { uniform } from "../network.ts";
import { timed } from "../timing.ts";

const SIZE = 2048;

export const gemm: BenchCase = {
  name: "gemm",
  summary: "float32 matrix product of 2048³ through ONNX Runtime: the machine's own rate",
  async run({ repeat, report }) {
    const g = new GraphBuilder();
    const shape = [SIZE, SIZE];
    const c = op.matMul(g, g.input("a", "float32", shape), g.input("b", "float32", shape));
    const program = await nodeEngine().compile(g.finish("gemm", { c }));
    const feeds = { a: uniform(shape), b: uniform(shape) };
    report(await timed("gemm", "float32", () => program.run(feeds), repeat, (2 * SIZE ** 3) / 1e9));
    await program.dispose();
  },
};
