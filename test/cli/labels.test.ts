import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { convscope, desk, jsonLines, start, tiny } from "./convscope.ts";
import { shapes, writePhotos } from "./photos.ts";
import { hashOf, result } from "./runs.ts";

const read = (...path: string[]): string => readFileSync(join(desk, ...path), "utf8");
const json = (...path: string[]) => JSON.parse(read(...path));
/** A page without its pictures, whose base64 may spell anything. */
const words = (page: string): string => page.replace(/data:[^"]*/g, "");
const train = (...words: string[]) =>
  convscope("train", "photos", "--labels", "labels.csv", ...tiny, "--epochs", "2", ...words);

/** Eighteen photos, a third of each shape: with corners two of three, and as many corners as the shape has. */
const names = Array.from({ length: 18 }, (_, at) => `${shapes[at % 3]}-${at}.jpg`);
const corners = (at: number): number => [0, 4, 3][at % 3]!;
const split = (at: number): string => (at < 12 ? "train" : at < 15 ? "validation" : "test");

function writeTable(file: string, columns: Readonly<Record<string, (at: number) => string | number>>): void {
  const rows = names.map((name, at) => [name, ...Object.values(columns).map((of) => of(at))].join());
  writeFileSync(join(desk, file), `${["file", ...Object.keys(columns)].join()}\n${rows.join("\n")}\n`);
}

beforeAll(async () => {
  await writePhotos(join(desk, "photos"), names);
  const labels = { split, round: (at: number) => Number(corners(at) === 0), even: (at: number) => at % 2 };
  writeTable("labels.csv", labels);
  writeTable("corners.csv", { corners, split });
});

describe("labels", () => {
  beforeAll(async () => {
    const { code, stdout, stderr } = await train("--out", "labels");
    expect(stderr).toContain(
      "photos: round, even; 12 pictures to train, 3 to validate, 3 set aside to test\n",
    );
    expect(stdout).toMatch(/\n2\/2 {2}train [\d.]+ \/ +[\d.]+% {2}val [\d.]+ \/ +[\d.]+%/);
    expect(stdout).toMatch(/\nvalidation {3}macro F1 [\d.]+%, every label right in [\d.]+% of 3\n/);
    expect(code).toBe(0);
  });

  test("the run has their measure in every record", async () => {
    const [first] = jsonLines<{ train: object; validation: object }>(read("labels/metrics.jsonl"));
    expect([first!.train, first!.validation].map(Object.keys)).toEqual([
      ["loss", "f1"],
      ["loss", "f1"],
    ]);
    expect(read("labels/metrics.csv")).toMatch(
      /^epoch,train_loss,train_f1,validation_loss,validation_f1,best,learning_rate,seconds\n/,
    );
    expect(json("labels/scores.json").test).toEqual({
      n: 3,
      f1: expect.any(Number),
      loss: expect.any(Number),
    });
    const { counts, files } = json("labels/data.json");
    expect(counts).toEqual({
      train: { round: 4, even: 6 },
      validation: { round: 1, even: 1 },
      test: { round: 1, even: 2 },
    });
    expect(files[3]).toEqual({
      name: "disc-3.jpg",
      labels: ["round", "even"],
      split: "train",
      hash: hashOf("photos/disc-3.jpg"),
    });
    expect((await convscope("runs", ".")).stdout).toMatch(/labels .* macro F1 [\d.]+%/);
  });

  test("its report has a table of labels, and nothing of what excludes", () => {
    const page = read("labels/report.html");
    expect(page).toContain("says which of <bdi>round and even</bdi> a picture bears");
    expect(page.match(/<td><bdi>round<\/bdi><\/td>/g)).toHaveLength(3);
    expect(words(page)).not.toMatch(/[Cc]onfus|NaN|undefined/);
    expect(existsSync(join(desk, "labels/figures/roc-validation.svg"))).toBe(true);
    expect(existsSync(join(desk, "labels/figures/confusion-validation.svg"))).toBe(false);
  });

  test("evaluate scores each, whatever the order of the table's columns", async () => {
    writeTable("turned.csv", { even: (at) => at % 2, split, round: (at) => Number(corners(at) === 0) });
    const words = ["evaluate", "labels", "photos", "--split", "test", "--labels"];
    const { stdout, stderr } = await convscope(...words, "turned.csv", "--json", "--csv", "said.csv");
    const scored = JSON.parse(stdout);
    expect([scored.task, scored.n, scored.classes]).toEqual(["multi-label", 3, ["round", "even"]]);
    expect(scored.perLabel.map(({ label, n }: { label: string; n: number }) => [label, n])).toEqual([
      ["round", 1],
      ["even", 2],
    ]);
    expect(scored.loss).toBeCloseTo(json("labels/scores.json").test.loss, 5);
    expect(scored.macro.f1).toBe(json("labels/scores.json").test.f1);
    expect(stderr).not.toContain("warning");
    const [heading, row] = read("said.csv").split("\r\n");
    expect(heading).toBe("path,round,even,probability round,probability even,logit round,logit even");
    expect(row).toMatch(/^disc-15\.jpg,1,1,0\.\d+,0\.\d+,-?[\d.e-]+,-?[\d.e-]+$/);
    expect((await convscope(...words, "turned.csv")).stdout).toMatch(
      /^photos \(test\): 3 pictures\nmacro F1 /,
    );
  });

  test("predict and explain speak of each by itself", async () => {
    const { stdout } = await convscope("predict", "labels", "photos/disc-0.jpg", "--json");
    const { predictions } = JSON.parse(stdout);
    expect(predictions).toHaveLength(2);
    for (const { logit, probability } of predictions)
      expect(probability).toBeCloseTo(1 / (1 + Math.exp(-logit)), 6);
    const explained = await convscope(
      "explain",
      "labels",
      "photos/disc-0.jpg",
      "--target",
      "even",
      "--out",
      ".",
    );
    expect(explained.stdout).toMatch(/^photos\/disc-0\.jpg: even [\d.]+%, by Grad-CAM at conv2d_1\n/);
  });

  test("gone on with after a stop, to the same bits", async () => {
    const words = ["train", "photos", "--labels", "labels.csv", ...tiny, "--epochs", "40"];
    await convscope(...words, "--out", "whole");
    const running = await start([...words, "--out", "stopped"]);
    await running.printed("2/40");
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    expect((await convscope("train", "--resume", "stopped")).code).toBe(0);
    expect(result("stopped")).toEqual(result("whole"));
    writeTable("labels.csv", { split, round: (at) => Number(at % 3 === 1), even: (at) => at % 2 });
    const { code, stderr } = await convscope("train", "--resume", "stopped", "--epochs", "41");
    expect([code, stderr]).toEqual([1, expect.stringContaining("are not those that stopped was begun with")]);
  });
});

describe("a number", () => {
  beforeAll(async () => {
    const { code, stdout } = await convscope(
      ...[
        "train",
        "photos",
        "--labels",
        "corners.csv",
        "--target",
        "corners",
        ...tiny,
        "--epochs",
        "2",
        "--out",
        "value",
      ],
    );
    expect(stdout).toMatch(
      /\nvalidation {3}R² −?[\d.]+ of 3 \(95% interval .* to .*\), mean absolute error [\d.]+\n/,
    );
    expect(code).toBe(0);
  });

  test("its report has said and true values, and no classes", () => {
    const page = read("value/report.html");
    expect(page).toContain("says the value “<bdi>corners</bdi>” of a picture");
    expect(page).toMatch(/<b>said <bdi>corners<\/bdi> −?[\d.]+, really <bdi>[034]/);
    expect(words(page)).not.toMatch(/[Cc]onfus|NaN|undefined/);
    expect(existsSync(join(desk, "value/figures/values-test.svg"))).toBe(true);
    const { files } = json("value/data.json");
    expect(files[1]).toMatchObject({ name: "square-1.jpg", value: 4, split: "train" });
    expect(json("value/config.json").data).toEqual({
      ...{ kind: "folder", path: "photos", validationFraction: 0.2 },
      ...{ labels: "corners.csv", target: "corners" },
    });
  });

  test("evaluate, predict and the file say it in its own unit", async () => {
    const { stdout } = await convscope("evaluate", "value", "photos", "--labels", "corners.csv", "--json");
    const scored = JSON.parse(stdout);
    expect(scored).toMatchObject({ task: "regression", split: "validation", n: 3, classes: ["corners"] });
    // Twelve photos to train with: four of each shape.
    expect(scored.baseline.value).toBeCloseTo(7 / 3, 5);
    const said = await convscope("predict", "value", "photos/disc-0.jpg", "--json");
    const [{ label, logit, value }] = JSON.parse(said.stdout).predictions;
    expect(label).toBe("corners");
    expect(value).toBeCloseTo(7 / 3 + logit * Math.sqrt(26 / 9), 4);
    expect((await convscope("predict", "value", "photos/disc-0.jpg")).stdout).toMatch(
      /^photos\/disc-0\.jpg\n {2}corners {2}[\d.]+\n$/,
    );
  });
});

describe("what does not go together", () => {
  test.each([
    [
      ["--label-smoothing", "0.1"],
      "corners",
      "Labels are smoothed; what is learnt here is a number (regression), so leave label smoothing at 0.",
    ],
    [
      ["--class-weights", "balanced"],
      "corners",
      "Classes are weighed where a picture is of one of them; what is learnt here is a number (regression), so leave class weights out.",
    ],
    [[], "corner", 'corners.csv has no column "corner"; did you mean "corners"?'],
  ])("%j with --target %s", async (words, target, message) => {
    const { code, stderr } = await convscope(
      ...["train", "photos", "--labels", "corners.csv", "--target", target, ...words, "--out", "refused"],
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining(`convscope: ${message}`)]);
    expect(existsSync(join(desk, "refused"))).toBe(false);
  });

  test("a task without a table, and scores of another task", async () => {
    expect(await convscope("train", "photos", "--task", "regression")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        "--task is for a table of labels; name one (--labels), or leave it out.",
      ),
    });
    expect(await convscope("evaluate", "value", "photos", "--labels", "labels.csv")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('labels.csv has no column "corners"'),
    });
    expect(
      await convscope("evaluate", "labels", "photos", "--labels", "labels.csv", "--calibrate"),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--calibrate is for networks that tell classes apart"),
    });
  });
});
