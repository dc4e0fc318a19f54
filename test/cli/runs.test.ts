import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import type { EpochRow } from "../../src/train/state.ts";
import { readEvents } from "../formats/tensorboard-file.ts";
import { convscope, desk, jsonLines, start, tiny } from "./convscope.ts";
import { byClass, shapes, writePhotos } from "./photos.ts";

const read = (...path: string[]): string => readFileSync(join(desk, ...path), "utf8");
const json = (...path: string[]) => JSON.parse(read(...path));
const history = (run: string): EpochRow[] => jsonLines<EpochRow>(read(run, "metrics.jsonl"));
const two = shapes.slice(0, 2);

beforeAll(async () => {
  await writePhotos(join(desk, "photos"), [
    ...byClass(8, two, "train/"),
    ...byClass(4, two, "validation/"),
    ...byClass(2, two, "test/"),
  ]);
  const train = (out: string, ...words: string[]) =>
    convscope("train", "photos", ...tiny, "--out", `all/${out}`, ...words);
  await train("first", "--epochs", "3");
  await train("second", "--epochs", "2", "--learning-rate", "0.002", "--no-augment");
  const stopped = [...tiny, "--batch", "1", "--epochs", "500", "--out", "all/stopped"];
  const { child, ended, printed } = await start(["train", "photos", ...stopped]);
  await printed("\n  2/500");
  child.kill("SIGINT");
  await ended;
});

/** A table's cells, which stand two spaces or more apart. */
const cells = (text: string): string[][] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));

describe("runs lists", () => {
  test("runs, the newest first, with what their own files say of them", async () => {
    const { code, stdout, stderr } = await convscope("runs", "all");
    expect([code, stderr]).toEqual([0, ""]);
    const [head, ...rows] = cells(stdout);
    expect(head).toEqual([
      "run",
      "network",
      "data",
      "epochs",
      "best",
      "validation",
      "loss",
      "test",
      "time",
      "state",
    ]);
    expect(rows.map(([name]) => name)).toEqual(["stopped", "second", "first"]);
    const rowsOf = history("all/first");
    const best = rowsOf.findLast((row) => row.best)!;
    const seconds = rowsOf.reduce((sum, row) => sum + row.seconds, 0);
    expect(rows[2]).toEqual([
      ...["first", "small-convnet", "photos", "3 of 3", String(best.epoch)],
      `${(100 * best.validation.accuracy!).toFixed(1)}%`,
      best.validation.loss.toPrecision(3),
      `${(100 * json("all/first/scores.json").test.accuracy).toFixed(1)}%`,
      `${seconds.toFixed(1)}s`,
      "done",
    ]);
    expect(rows[0]!.slice(3, 4)).toEqual([`${history("all/stopped").length} of 500`]);
    expect([rows[0]![7], rows[0]![9]]).toEqual(["–", "unfinished"]);
  });

  test("--json prints an object a run", async () => {
    const { stdout } = await convscope("runs", "all", "--json");
    const [stopped, second, first] = jsonLines(stdout);
    expect(stopped).toMatchObject({ run: "all/stopped", of: 500, finished: false });
    expect(stopped).not.toHaveProperty("test");
    expect(second).toMatchObject({ run: "all/second", epochs: 2, of: 2, finished: true });
    const { validation } = history("all/first").findLast((row) => row.best)!;
    expect(first).toMatchObject({ validation, test: json("all/first/scores.json").test });
    expect(first!.test).toMatchObject({ n: 4 });
  });

  test("broken folders by name and why, and goes on", async () => {
    const make = (name: string, files: Record<string, string>): void => {
      mkdirSync(join(desk, "mixed", name), { recursive: true });
      for (const [file, text] of Object.entries(files)) writeFileSync(join(desk, "mixed", name, file), text);
    };
    const good = {
      "config.json": read("all/first/config.json"),
      "environment.json": read("all/first/environment.json"),
    };
    make("begun", good);
    make("cut", { ...good, "metrics.jsonl": read("all/first/metrics.jsonl").slice(0, -20) });
    make("empty", {});
    make("later", { ...good, "config.json": '{"schema": 2}' });
    make("nothing", { ...good, "config.json": "null" });
    make("poor", { ...good, "config.json": '{"schema": 1}' });
    make("scores", { ...good, "scores.json": '{"epoch": 1, "validation": {"loss": "x"}}' });
    make("timeless", { ...good, "environment.json": "{}" });
    const { code, stdout, stderr } = await convscope("runs", "mixed");
    expect(code).toBe(0);
    expect(cells(stdout).slice(1)).toEqual([
      ["begun", "small-convnet", "photos", "0 of 3", "–", "–", "–", "0.0s", "unfinished"],
    ]);
    expect(stderr.trimEnd().split("\n")).toEqual([
      "left out: mixed/cut/metrics.jsonl is damaged; restore it, or go on with the run, which writes it anew.",
      "left out: mixed/empty is not a run folder (it has no config.json); give one that `train` made.",
      "left out: mixed/later/config.json has schema 2, this version reads 1; update convscope.",
      "left out: mixed/nothing/config.json has schema undefined, this version reads 1; update convscope.",
      "left out: mixed/poor/config.json lacks settings of a run; restore it or start a new run.",
      "left out: mixed/scores/scores.json is damaged; restore it, or go on with the run, which writes it anew.",
      "left out: mixed/timeless/environment.json is missing or damaged; the run folder is not complete.",
    ]);
  });

  test("not the test score of a network that the run has left behind", async () => {
    const path = join(desk, "all/second/scores.json");
    const scores = read("all/second/scores.json");
    const best = history("all/second").findLast((row) => row.best)!.epoch;
    writeFileSync(path, JSON.stringify({ ...JSON.parse(scores), epoch: 3 - best }));
    const { stdout } = await convscope("runs", "all", "--json");
    writeFileSync(path, scores);
    expect(jsonLines(stdout)[1]).not.toHaveProperty("test");
  });

  test.each([
    [["nowhere"], 1, "There is no folder nowhere to look for runs in; name the one that holds them."],
    [[], 1, "There is no folder runs to look for runs in; name the one that holds them."],
    [
      ["all/first"],
      2,
      "all/first is a run itself; give the folder that it lies in, or runs to compare it with.",
    ],
    [
      ["all", "--out", "x"],
      2,
      "--out is where the figure of a comparison goes; give two runs or more to compare.",
    ],
  ])("nothing of %j", async (words, exit, message) => {
    const { code, stdout, stderr } = await convscope("runs", ...words);
    expect([code, stdout, stderr]).toEqual([exit, "", `convscope: ${message}\n`]);
  });

  test("an empty folder as such", async () => {
    mkdirSync(join(desk, "none"));
    const { code, stderr } = await convscope("runs", "none");
    expect([code, stderr]).toEqual([0, "There are no runs in none; `convscope train` makes them.\n"]);
  });
});

describe("runs compares", () => {
  test("settings, scores and curves", async () => {
    const { code, stdout, stderr } = await convscope("runs", "all/first", "all/second", "--out", "figures");
    expect([code, stderr]).toEqual([0, ""]);
    const [settings, scores, figure] = stdout.split("\n\n").map(cells);
    expect(settings).toEqual([
      ["setting", "first", "second"],
      ["learningRate", "0.0001", "0.002"],
      ["epochs", "3", "2"],
      ["augmentation.rotation", "40", "0"],
      ["augmentation.widthShift", "0.2", "0"],
      ["augmentation.heightShift", "0.2", "0"],
      ["augmentation.shear", "0.2", "0"],
      ["augmentation.zoom", "0.2", "0"],
      ["augmentation.horizontalFlip", "true", "false"],
    ]);
    const listed = cells((await convscope("runs", "all")).stdout);
    expect(scores).toEqual([listed[0], listed[3], listed[2]]);
    expect(figure).toEqual([["figure", "figures/runs.png, figures/runs.svg"]]);
    expect(read("figures/runs.svg")).toMatch(/<title>Runs compared<\/title><desc>2 runs · highest accuracy/);
    expect((await sharp(join(desk, "figures/runs.png")).metadata()).format).toBe("png");
  });

  test("--json is one object", async () => {
    const { stdout } = await convscope("runs", "all/second", "all/first", "--json");
    const [compared, ...others] = jsonLines(stdout);
    expect(others).toEqual([]);
    expect(compared).toMatchObject({
      runs: [{ name: "second" }, { name: "first" }],
      differences: { learningRate: [0.002, 0.0001], epochs: [2, 3] },
      samePictures: true,
      figures: ["runs.svg", "runs.png"],
    });
    expect(existsSync(join(desk, "runs.png"))).toBe(true);
    rmSync(join(desk, "runs.png"));
    rmSync(join(desk, "runs.svg"));
  });

  test("runs of other pictures with a word of warning, runs of one name by their paths", async () => {
    await convscope("train", "photos/train", ...tiny, "--epochs", "1", "--out", "other/first");
    const { code, stdout, stderr } = await convscope("runs", "all/first", "other/first", "--out", "figures");
    expect(stderr).toBe(
      "note: these runs had other pictures, or other ones to validate with; their scores say less of each other\n",
    );
    expect(code).toBe(0);
    expect(cells(stdout)[0]).toEqual(["setting", "all/first", "other/first"]);
    expect(cells(stdout)).toContainEqual(["data.path", "photos", "photos/train"]);
  });

  test("at most eight runs, at least two, and only runs", async () => {
    const copies = [...Array(9).keys()].map((i) => `copies/${i}`);
    for (const copy of copies) cpSync(join(desk, "all/first"), join(desk, copy), { recursive: true });
    const many = await convscope("runs", ...copies);
    expect([many.code, many.stderr]).toEqual([
      2,
      "convscope: 9 runs are too many to tell apart in a figure; give 8 at most.\n",
    ]);
    symlinkSync("0", join(desk, "copies/latest"), "junction");
    const same = await convscope("runs", "copies/latest", "copies/0");
    expect([same.code, same.stderr]).toEqual([
      2,
      "convscope: copies/latest and copies/0 are one run; give another to compare it with.\n",
    ]);
    const none = await convscope("runs", "all/first", "photos");
    expect([none.code, none.stderr]).toEqual([
      1,
      "convscope: photos is not a run folder (it has no config.json); give one that `train` made.\n",
    ]);
  });
});

test("an interrupted run that goes on has each epoch once for TensorBoard", async () => {
  const file = "all/stopped/tensorboard/events.out.tfevents.0.convscope";
  const events = () => readEvents(readFileSync(join(desk, file)));
  const before = events();
  const raised = String(history("all/stopped").length + 2);
  const path = join(desk, "all/stopped/config.json");
  writeFileSync(path, JSON.stringify({ ...json("all/stopped/config.json"), epochs: Number(raised) }));
  const { code, stderr } = await convscope("train", "--resume", "all/stopped");
  expect(code, stderr).toBe(0);
  expect(events().slice(0, before.length)).toEqual(before);
  expect(
    events()
      .slice(1)
      .map(({ step }) => step),
  ).toEqual(history("all/stopped").map(({ epoch }) => epoch));
  const started = Date.parse(json("all/stopped/environment.json").started) / 1000;
  const seconds = history("all/stopped").map((row) => row.seconds);
  expect(events()[0]!.wallTime).toBe(started);
  expect(events()[2]!.wallTime).toBeCloseTo(started + seconds[0]! + seconds[1]!, 5);
});
