import { afterAll, describe, expect, test } from "vitest";
import { nodeEngine } from "../../src/engine/node.ts";
import { explain } from "../../src/explain/explain.ts";
import { gradients } from "../../src/explain/gradients.ts";
import { readOnnx } from "../../src/graph/onnx/read.ts";
import { adopt } from "../../src/model/adopt.ts";
import type { Model } from "../../src/model/model.ts";
import { closeModel } from "../../src/model/programs.ts";
import { codes, foreignModel, graphMessage } from "../graph/onnx-file.ts";
import { type Exporter, exporters, picture } from "./exporters.ts";

const engine = nodeEngine({ threads: 1 });

async function opened({ opset, channelsLast, listed, nodes, constants }: Exporter): Promise<Model> {
  const [, , height, width] = picture.shape as [number, number, number, number];
  const graph = graphMessage({
    nodes,
    constants,
    inputs: [
      { name: "x", code: codes.float32, shape: channelsLast ? [1, height, width, 3] : picture.shape },
      ...(listed ? Object.entries(constants) : []).map(([name, { dtype, shape }]) => ({
        name,
        code: codes[dtype],
        shape,
      })),
    ],
    outputs: [{ name: "y", code: codes.float32, shape: [1, 3] }],
  });
  const read = readOnnx(foreignModel(graph, opset), "net.onnx");
  return { ...(await adopt(read, "net.onnx", engine)), source: "net.onnx", engine };
}

describe("one network has one explanation, whoever wrote its file", () => {
  const models = new Map<string, Promise<Model>>(
    Object.entries(exporters).map(([name, exporter]) => [name, opened(exporter)]),
  );
  afterAll(async () => {
    for (const model of models.values()) await closeModel(await model);
  });

  test.each(Object.keys(exporters))("%s", async (name) => {
    const [first, other] = [await models.get("PyTorch")!, await models.get(name)!];
    for (const target of [0, 1, 2]) {
      const [expected, actual] = await Promise.all(
        [first, other].map(async (model) => ({
          ...(await explain(model, picture, { target })),
          slope: (await gradients(model, picture, { target })).get("input")!,
        })),
      );
      expect(actual!.layer?.name).toBe(exporters[name]!.layer);
      expectClose(
        actual!.scores.map(({ logit }) => logit),
        expected!.scores.map(({ logit }) => logit),
      );
      expectClose(actual!.raw.data, expected!.raw.data);
      expectClose(actual!.slope.data, expected!.slope.data);
    }
  });
});

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  const largest = Math.max(...Array.from(expected, Math.abs));
  expect(largest).toBeGreaterThan(0);
  for (let at = 0; at < actual.length; at++)
    expect(Math.abs(actual[at]! - expected[at]!)).toBeLessThan(1e-5 * largest);
}
