import { expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { float32 } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import * as op from "../../src/graph/operators/index.ts";

// ONNX Runtime's own are off by 1.5e-6 and 4e-6 over the many places.
test.each([
  [16, 7],
  [3, 300],
  [16, 300],
])("means of %i channels over %i² places are precise", async (channels, side) => {
  const shape = [1, channels, side, side];
  const source = random(1, "means");
  const x = float32(
    shape,
    Float32Array.from({ length: channels * side ** 2 }, () => source.uniform(-0.3, 1)),
  );
  const g = new GraphBuilder();
  const mean = op.globalAveragePool(g, g.input("x", "float32", shape));
  const program = await nodeEngine({ threads: 1 }).compile(g.finish("mean", { mean }));
  const { mean: actual } = await program.run({ x });
  await program.dispose();
  expect(actual!.shape).toEqual([1, channels, 1, 1]);
  const expected = Array.from({ length: channels }, (_, channel) => {
    const places = x.data.subarray(channel * side ** 2, (channel + 1) * side ** 2);
    return places.reduce((sum, value) => sum + value, 0) / side ** 2;
  });
  const errors = expected.map((value, channel) => Number(actual!.data[channel]) - value);
  expect(Math.hypot(...errors) / Math.hypot(...expected)).toBeLessThan(1e-6);
});
