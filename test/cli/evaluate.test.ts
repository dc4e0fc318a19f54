import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { convscope, desk, jsonLines } from "./convscope.ts";
import { byClass, shapePhoto, shapes, writePhotos } from "./photos.ts";

interface Errors {
  readonly loss: number;
  readonly ece: number;
  readonly brier: number;
}

interface Scored {
  readonly n: number;
  readonly correct: number;
  readonly loss: number;
  readonly calibration: Errors;
  readonly perClass: readonly { class: string; n: number; correct: number; auc: number }[];
  readonly worstMistakes: readonly { path: string; loss: number }[];
  readonly leastCertain: readonly { path: string; probability: number }[];
  readonly nearDuplicates: readonly object[];
  readonly temperature?: { temperature: number; split: string; n: number; before: Errors; after: Errors };
  readonly against?: {
    model: string;
    correct: number;
    mcnemar: { bothRight: number; onlyFirst: number; onlySecond: number; bothWrong: number; p: number };
  };
}

beforeAll(async () => {
  const small = { size: 32, filters: [8, 8], units: 16 };
  const networks = {
    one: smallConvnet({ classes: shapes, ...small }),
    // The same classes in another order, from another seed.
    two: smallConvnet({ classes: shapes.toReversed(), seed: 5, ...small }),
    pair: smallConvnet({ classes: shapes.slice(0, 2), ...small }),
  };
  for (const [name, network] of Object.entries(networks))
    writeFileSync(join(desk, `${name}.onnx`), writeOnnx(network.graph));
  await writePhotos(join(desk, "photos"), [
    ...byClass(1, shapes, "train/"),
    ...byClass(4, shapes, "validation/"),
    ...byClass(5, shapes, "test/"),
  ]);
});

async function score(...words: string[]): Promise<{ scored: Scored; stderr: string }> {
  const { code, stdout, stderr } = await convscope("evaluate", ...words, "--json");
  expect(code).toBe(0);
  return { scored: jsonLines<Scored>(stdout)[0]!, stderr };
}

/** The rows of a file that holds no quoted field. */
function csvRows(name: string): string[][] {
  const text = readFileSync(join(desk, name), "utf8");
  expect(text.endsWith("\r\n")).toBe(true);
  return text
    .slice(0, -2)
    .split("\r\n")
    .map((line) => line.split(","));
}

const rightIn = (name: string): Map<string, boolean> =>
  new Map(csvRows(name).map(([path, label, predicted]) => [path!, label === predicted]));

describe("evaluate", () => {
  test("--csv writes what is said of every picture, and --json agrees", async () => {
    const { scored } = await score("one.onnx", "photos", "--csv", "out/one.csv");
    const [heading, ...rows] = csvRows("out/one.csv");
    expect(heading!.slice(0, 4)).toEqual(["path", "class", "predicted", "probability disc"]);
    expect(rows.map(([path]) => path).sort()).toEqual(byClass(4, shapes, "validation/").sort());
    for (const [path, label, predicted, ...numbers] of rows) {
      expect(path).toContain(label);
      const [probabilities, logits] = [numbers.slice(0, 3).map(Number), numbers.slice(3).map(Number)];
      expect(probabilities.reduce((sum, value) => sum + value)).toBeCloseTo(1, 5);
      expect(shapes[probabilities.indexOf(Math.max(...probabilities))]).toBe(predicted);
      expect(logits[0]! - logits[1]!).toBeCloseTo(Math.log(probabilities[0]! / probabilities[1]!), 4);
    }
    const right = rows.filter(([, label, predicted]) => label === predicted);
    expect(scored).toMatchObject({ n: 12, correct: right.length });
    expect(scored.perClass.map(({ class: name, n, correct }) => [name, n, correct])).toEqual(
      shapes.map((name) => [name, 4, right.filter(([, label]) => label === name).length]),
    );
    expect(scored.worstMistakes).toHaveLength(12 - right.length);
    expect(scored.leastCertain).toHaveLength(12);
  });

  test("--csv says why a file cannot be written", async () => {
    expect(await convscope("evaluate", "one.onnx", "photos", "--csv", "one.onnx/out.csv")).toMatchObject({
      code: 1,
      stderr:
        "convscope: one.onnx/out.csv was not written: a file stands where a folder is needed; choose another folder. What stood there before is unharmed.\n",
    });
  });

  test("--calibrate fits on validation pictures and judges on those of the split", async () => {
    const { scored, stderr } = await score("one.onnx", "photos", "--split", "test", "--calibrate");
    expect(stderr).toBe("");
    const { temperature, split, n, before, after } = scored.temperature!;
    expect([split, n, scored.n]).toEqual(["validation", 12, 15]);
    expect(before).toMatchObject({ loss: scored.loss, ece: scored.calibration.ece });
    expect(temperature).toBeGreaterThan(0);
    expect(after.loss).not.toBe(before.loss);
  });

  test("--calibrate warns where it fits on the pictures that it judges on", async () => {
    const { scored, stderr } = await score("one.onnx", "photos", "--calibrate");
    expect(stderr).toMatch(/^warning: the temperature was fitted on the very pictures/);
    const { before, after } = scored.temperature!;
    expect(after.loss).toBeLessThan(before.loss);
    const { stdout } = await convscope("evaluate", "one.onnx", "photos", "--calibrate");
    expect(stdout).toMatch(/\nTemperature [\d.]+, fitted on 12 validation pictures:\n {2}ECE [\d.]+% → /);
  });

  test("--against counts who is right, whatever the order of the classes, and tests it", async () => {
    const { scored } = await score("one.onnx", "photos", "--against", "two.onnx", "--csv", "first.csv");
    const { scored: alone } = await score("two.onnx", "photos", "--csv", "second.csv");
    const [first, second] = [rightIn("first.csv"), rightIn("second.csv")];
    const count = (a: boolean, b: boolean): number =>
      byClass(4, shapes, "validation/").filter((path) => first.get(path) === a && second.get(path) === b)
        .length;
    expect(scored.against).toMatchObject({
      model: "two.onnx",
      correct: alone.correct,
      mcnemar: {
        bothRight: count(true, true),
        onlyFirst: count(true, false),
        onlySecond: count(false, true),
        bothWrong: count(false, false),
      },
    });
    const { scored: itself } = await score("one.onnx", "photos", "--against", "one.onnx");
    expect(itself.against!.mcnemar).toMatchObject({ onlyFirst: 0, onlySecond: 0, p: 1 });
    const { stdout } = await convscope("evaluate", "one.onnx", "photos", "--against", "one.onnx");
    expect(stdout).toContain(
      `  ${itself.correct} pictures both get right, ${12 - itself.correct} neither\n  0 only this network, 0 only the other\n  McNemar's exact test: p = 1.00; a difference like this may well be chance\n`,
    );
  });

  test("--against refuses a network that does not know the classes", async () => {
    expect(await convscope("evaluate", "one.onnx", "photos", "--against", "pair.onnx")).toMatchObject({
      code: 1,
      stderr:
        "convscope: photos has the class triangle, which the network does not know; it knows disc and square.\n",
    });
  });

  test("pictures nearly the same as one of train are named, with how alike they are", async () => {
    const source = shapePhoto("disc", 1, 96, 80);
    await writePhotos(join(desk, "twins"), [...byClass(3, shapes, "train/"), ...byClass(2, shapes, "test/")]);
    await source.clone().flatten().jpeg().toFile(join(desk, "twins/train/disc/original.jpg"));
    await source
      .clone()
      .flatten()
      .resize(60, 50)
      .flop()
      .jpeg()
      .toFile(join(desk, "twins/test/disc/copy.jpg"));
    const { scored, stderr } = await score("one.onnx", "twins");
    expect(stderr).toBe(
      "note: 1 picture of test nearly the same as one of train, so scores may flatter: test/disc/copy.jpg ~ train/disc/original.jpg mirrored\n",
    );
    expect(scored.nearDuplicates).toEqual([
      {
        path: "test/disc/copy.jpg",
        original: "train/disc/original.jpg",
        mirrored: true,
        correlation: expect.closeTo(1, 1),
        labelledOtherwise: false,
      },
    ]);
    const { scored: trained, stderr: nothing } = await score("one.onnx", "twins", "--split", "train");
    expect([trained.nearDuplicates, nothing]).toEqual([[], ""]);
  });
});
