import { expect, test } from "vitest";
import { syntheticDataset } from "../../src/data/synthetic/index.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { evaluate, leastCertain, tally, worstMistakes } from "../../src/evaluate/evaluate.ts";
import { wilsonInterval } from "../../src/evaluate/interval.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { predict } from "../../src/model/predict.ts";
import { judged } from "./judged.ts";

test("Wilson's interval has its known values", () => {
  // Newcombe 1998, table I: 81 of 263 and 0 of 20.
  const [low, high] = wilsonInterval(81, 263);
  expect(low).toBeCloseTo(0.2553, 4);
  expect(high).toBeCloseTo(0.3662, 4);
  expect(wilsonInterval(0, 20)[0]).toBe(0);
  expect(wilsonInterval(0, 20)[1]).toBeCloseTo(0.1611, 4);
  // Rounding would leave some of these a little short of 1, which is not what they are.
  for (const n of [1, 7, 20, 200, 300, 999]) expect(wilsonInterval(n, n)[1]).toBe(1);
});

test("the figures over judgements", () => {
  const result = tally(
    [
      judged(0, [5, 0, 0]),
      judged(0, [0, 2, 1]),
      judged(1, [0, 1, 0]),
      judged(2, [0, 3, 0]),
      judged(2, [0, 2, 2.5]),
    ],
    3,
  );
  expect(result).toMatchObject({
    n: 5,
    correct: 3,
    accuracy: 0.6,
    confusion: [
      [1, 1, 0],
      [0, 1, 0],
      [0, 1, 1],
    ],
  });
  // log(2 + e³) and log(1 + e² + e).
  const worst = worstMistakes(result, 5).map(({ loss }) => loss);
  expect(worst[0]).toBeCloseTo(3.094923, 6);
  expect(worst[1]).toBeCloseTo(2.407606, 6);
  expect(worst).toHaveLength(2);
  expect(result.loss).toBeCloseTo((3.094923 + 2.407606 + 0.013386 + 0.551445 + 0.523909) / 5, 6);
  // Their two greatest logits lie 0.5, 1 and 1 apart; of the latter the first is torn from a third, too.
  const uncertain = leastCertain(result, 2).map(({ logits }) => logits);
  expect(uncertain).toEqual([
    [0, 2, 2.5],
    [0, 1, 0],
  ]);
});

test("a data set is judged as its pictures are one by one", async () => {
  const dataset = syntheticDataset({ seed: 2, train: 2, validation: 11, test: 0 });
  const network = smallConvnet({ classes: dataset.classes, size: 32, filters: [8], units: 8 });
  const model = { ...network, source: "memory", engine: nodeEngine() };
  const result = await evaluate(model, dataset, "validation", { batch: 4 });
  expect(result.n).toBe(11);
  for (const { sample, scores, logits, predicted, loss } of result.judgements) {
    const alone = await predict(model, await dataset.read(sample, model.input));
    expect(dataset.classes[predicted]).toBe(alone[0]!.label);
    expect([...(logits as Float32Array)]).toEqual([scores[1]!.logit]);
    const own = scores[sample.label]!;
    expect(own.probability).toBeCloseTo(alone.find(({ label }) => label === own.label)!.probability, 5);
    expect(loss).toBeCloseTo(-Math.log(own.probability), 4);
  }
});
