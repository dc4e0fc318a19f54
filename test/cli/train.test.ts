import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { EpochRow } from "../../src/train/state.ts";
import { readEvents } from "../formats/tensorboard-file.ts";
import { convscope, desk, jsonLines, tiny } from "./convscope.ts";
import { byClass, shapes, writePhotos } from "./photos.ts";
import { hashOf, lastState } from "./runs.ts";

const read = (...path: string[]): string => readFileSync(join(desk, ...path), "utf8");
const json = (...path: string[]) => JSON.parse(read(...path));

beforeAll(async () => {
  await writePhotos(join(desk, "photos"), byClass(12));
});

describe("layouts", () => {
  test("a folder per class, split by the seed", async () => {
    const { code, stderr } = await convscope(
      "train",
      "photos/",
      ...tiny,
      "--epochs",
      "1",
      "--out",
      "per-class",
    );
    expect(stderr).toMatch(
      new RegExp(
        "^photos: disc, square; 20 pictures to train, 4 to validate\n" +
          `${json("per-class/environment.json").engine}; writing to per-class\n` +
          "explained after every epoch: disc/\\d+.jpg, disc/\\d+.jpg, square/\\d+.jpg and square/\\d+.jpg\n$",
      ),
    );
    expect(code).toBe(0);
    expect(json("per-class/data.json").counts).toEqual({
      train: { disc: 10, square: 10 },
      validation: { disc: 2, square: 2 },
      test: { disc: 0, square: 0 },
    });
  });

  test("train, validation and test with a folder per class, three classes", async () => {
    const splits = [
      ...byClass(6, shapes, "train/"),
      ...byClass(2, shapes, "validation/"),
      ...byClass(1, shapes, "test/"),
    ];
    await writePhotos(join(desk, "splits"), splits);
    const { code, stdout, stderr } = await convscope(
      "train",
      "splits",
      ...tiny,
      "--epochs",
      "1",
      "--out",
      "three",
    );
    expect(stderr).toContain(
      "splits: disc, square, triangle; 18 pictures to train, 6 to validate, 3 set aside to test\n",
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/\ntest {9}\d+\.\d% of 3 right \(95% interval /);
  });

  test("Kaggle's flat names", async () => {
    await writePhotos(
      join(desk, "flat"),
      shapes.slice(1).flatMap((name) => [...Array(5).keys()].map((i) => `${name}.${i}.jpg`)),
    );
    const { code, stderr } = await convscope("train", "flat", ...tiny, "--epochs", "1", "--out", "kaggle");
    expect(stderr).toContain("flat: square, triangle; 8 pictures to train, 2 to validate\n");
    expect(code).toBe(0);
  });
});

describe("a run", () => {
  let stdout: string;
  let run: string;

  beforeAll(async () => {
    ({ stdout } = await convscope("train", "photos", ...tiny, "--epochs", "3"));
    run = join("runs", readlinkSync(join(desk, "runs/latest")));
  });

  test("prints plain lines, one an epoch, and says at its end how good it is and where to look", () => {
    const score = String.raw`\d\.\d{4} / [ \d]{3}\.\d%`;
    const rows = ["1", "2", "3"].map(
      (n) => `${n}/3  train ${score}  val ${score}  (★ best| {6})  lr \\d(?:\\.\\d+)?e-\\d+  \\d+\\.\\ds\n`,
    );
    expect(stdout).toMatch(
      new RegExp(
        `^${rows.join("")}\nbest epoch {3}[1-3] of 3, \\d+\\.\\ds in all\n` +
          String.raw`validation {3}\d+\.\d% of 4 right \(95% interval \d+\.\d% to \d+\.\d%\)` +
          `\nreport {7}${run}/report.html\nmodel {8}${run}/model.onnx\nnext {9}convscope explain ${run} PHOTO\n$`,
      ),
    );
  });

  test("leaves a folder with all of it, named by date, network and data", () => {
    expect(run).toMatch(/^runs\/\d{4}-\d\d-\d\d_\d{4}_small-convnet_photos$/);
    expect(readdirSync(join(desk, run)).sort()).toEqual([
      "checkpoints",
      "config.json",
      "data.json",
      "environment.json",
      "figures",
      "metrics.csv",
      "metrics.jsonl",
      "model.onnx",
      "report.html",
      "scores.json",
      "tensorboard",
      "watched",
    ]);
    expect(readdirSync(join(desk, run, "checkpoints")).sort()).toEqual([
      "best.safetensors",
      "last.safetensors",
    ]);
    expect(readdirSync(join(desk, run, "figures"))).toEqual(
      expect.arrayContaining(["curves.svg", "curves.png", "confusion-validation.svg"]),
    );
    expect(json(run, "config.json")).toMatchObject({
      schema: 1,
      data: { kind: "folder", path: "photos", validationFraction: 0.2 },
      architecture: "small-convnet",
      ...{
        size: 32,
        filters: [8, 8],
        units: 16,
        dropout: 0.5,
        optimizer: "rmsprop",
        ...{ momentum: 0, nesterov: false, weightDecay: null, clipNorm: null },
        learningRate: 1e-4,
        schedule: "one-cycle",
        mixup: 0,
        ...{ warmUp: 0, labelSmoothing: 0, classWeights: null },
      },
      ...{ epochs: 3, batch: 8, patience: null, seed: 0, threads: 1 },
      augmentation: {
        rotation: 40,
        widthShift: 0.2,
        heightShift: 0.2,
        shear: 0.2,
        zoom: 0.2,
        horizontalFlip: true,
      },
    });
    expect(json(run, "environment.json")).toMatchObject({
      node: process.version,
      processors: expect.any(Number),
    });
    expect(json(run, "data.json").files).toHaveLength(24);
    expect(json(run, "data.json").files[0]).toEqual({
      name: "disc/0.jpg",
      class: "disc",
      split: "train",
      hash: hashOf("photos/disc/0.jpg"),
    });
    expect(jsonLines(read(run, "metrics.jsonl")).map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(
      read(run, "metrics.csv")
        .split("\n")
        .map((line) => line.split(",")[0]),
    ).toEqual(["epoch", "1", "2", "3", ""]);
    const events = readEvents(readFileSync(join(desk, run, "tensorboard/events.out.tfevents.0.convscope")));
    expect(events.slice(1)).toMatchObject(
      jsonLines<EpochRow>(read(run, "metrics.jsonl")).map(({ epoch, train, validation, learningRate }) => ({
        step: epoch,
        scalars: {
          "loss/train": Math.fround(train.loss),
          "loss/validation": Math.fround(validation.loss),
          "accuracy/train": Math.fround(train.accuracy!),
          "accuracy/validation": Math.fround(validation.accuracy!),
          learning_rate: Math.fround(learningRate),
        },
      })),
    );
    expect(read(run, "report.html")).toMatch(/^<!doctype html>/i);
    expect(lastState(run)).toMatchObject({ epoch: 3, step: 0 });
  });

  test("is where runs/latest leads, by which any command finds it", async () => {
    const [summary, resumed] = [
      await convscope("summary", "runs/latest"),
      await convscope("train", "--resume", "runs/latest/"),
    ];
    expect(summary).toMatchObject({ code: 0, stderr: "" });
    expect(resumed.stderr).toMatch(
      new RegExp(`^all 3 epochs are done; raise --epochs to train longer\n.*\n.*writing to ${run}\n`),
    );
    expect(resumed.code).toBe(0);

    const other = await convscope("train", "photos", ...tiny, "--epochs", "1", "--seed", "1");
    expect(other.code).toBe(0);
    expect(readlinkSync(join(desk, "runs/latest"))).not.toBe(run.slice("runs/".length));
    const report = await convscope("report", "runs/latest", "--json");
    expect(jsonLines(report.stdout)[0]!.report).toBe(
      `runs/${readlinkSync(join(desk, "runs/latest"))}/report.html`,
    );
  });

  test("goes on for longer where --epochs is raised, and remembers it", async () => {
    const { code, stdout: more, stderr } = await convscope("train", "--resume", run, "--epochs", "5");
    expect(stderr).toMatch(
      /^the learning rate goes on as in one-cycle over 5 epochs\ngoing on in epoch 4 of 5, after 0 steps\n/,
    );
    expect(code).toBe(0);
    expect(more).toMatch(/^4\/5 .*\n5\/5 .*\n\nbest epoch/);
    expect(json(run, "config.json").epochs).toBe(5);
    expect(await convscope("train", "--resume", run, "--epochs", "4")).toMatchObject({
      code: 2,
      stderr: `convscope: ${run} has done 5 epochs already; give more than 4 to go on.\n`,
    });
  });

  test("has its report written again", async () => {
    const before = read(run, "report.html");
    rmSync(join(desk, run, "report.html"));
    rmSync(join(desk, run, "figures"), { recursive: true });
    const { code, stdout: said } = await convscope("report", run);
    expect(code).toBe(0);
    expect(said).toBe(
      `${run}/report.html\n${readdirSync(join(desk, run, "figures")).length} files in ${run}/figures\n`,
    );
    expect(Math.abs(read(run, "report.html").length - before.length)).toBeLessThan(before.length / 2);
  });

  test("does not take the place of another", async () => {
    expect(await convscope("train", "photos", ...tiny, "--epochs", "1", "--out", run)).toMatchObject({
      code: 1,
      stderr: `convscope: ${run} holds a run already; choose another folder, or go on with it: --resume ${run}\n`,
    });
  });
});

describe("train", () => {
  test("--json prints an object an epoch and one for the result", async () => {
    const { code, stdout } = await convscope(
      "train",
      "photos",
      ...tiny,
      "--epochs",
      "2",
      "--out",
      "as-json",
      "--json",
    );
    expect(code).toBe(0);
    const score = { loss: expect.any(Number), accuracy: expect.any(Number) };
    expect(jsonLines(stdout)).toEqual([
      expect.objectContaining({
        epoch: 1,
        train: score,
        validation: score,
        best: true,
        learningRate: expect.any(Number),
      }),
      expect.objectContaining({ epoch: 2, train: score, validation: score }),
      {
        run: "as-json",
        reason: "done",
        bestEpoch: expect.any(Number),
        validation: { n: 4, ...score, interval: [expect.any(Number), expect.any(Number)] },
        report: "as-json/report.html",
      },
    ]);
    expect(jsonLines(stdout).slice(0, 2)).toEqual(jsonLines(read("as-json/metrics.jsonl")));
  });

  test("--patience stops when the validation loss no longer falls, and says so", async () => {
    // A step so small that no weight changes: the loss of the first epoch stays the lowest.
    const still = ["--learning-rate", "1e-30", "--epochs", "9", "--patience", "2", "--json"];
    const { code, stdout, stderr } = await convscope(
      "train",
      "photos",
      ...tiny,
      ...still,
      "--out",
      "patient",
    );
    expect(code).toBe(0);
    expect(stderr).toContain("Stopped early: the validation loss has not fallen for 2 epochs.\n");
    expect(jsonLines(stdout)).toHaveLength(4);
    expect(jsonLines(stdout)[3]).toMatchObject({ reason: "early stopping", bestEpoch: 1 });
  });

  test("gives the same bits from the same seed, and others from another", async () => {
    const hashes: string[] = [];
    for (const [index, seed] of [7, 7, 8].entries()) {
      const out = `seed-${index}`;
      await convscope("train", "photos", ...tiny, "--epochs", "2", "--seed", String(seed), "--out", out);
      hashes.push(hashOf(out, "model.onnx"));
    }
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  test("takes an optimizer with its settings, and refuses those that are another's", async () => {
    const words = ["train", "photos", ...tiny, "--epochs", "1", "--out", "nesterov"];
    const sgd = ["--optimizer", "sgd", "--momentum", "0.9", "--nesterov", "--weight-decay", "0.01"];
    const classes = ["--class-weights", "disc=2", "--label-smoothing", "0.1"];
    expect(await convscope(...words, ...sgd, ...classes, "--clip-norm", "1")).toMatchObject({ code: 0 });
    expect(json("nesterov", "config.json")).toMatchObject({
      ...{ optimizer: "sgd", momentum: 0.9, nesterov: true, weightDecay: 0.01, clipNorm: 1 },
      ...{ classWeights: { disc: 2 }, labelSmoothing: 0.1 },
    });
    for (const [wrong, message] of [
      [["--momentum", "0.9"], "--momentum is sgd's; give --optimizer sgd, or leave it out."],
      [["--optimizer", "adam", "--nesterov"], "--nesterov is sgd's; give --optimizer sgd, or leave it out."],
      [
        ["--optimizer", "sgd", "--nesterov"],
        "--nesterov looks ahead along a momentum; give --momentum 0.9, say.",
      ],
      [
        ["--class-weights", "disc"],
        "It takes balanced, or a weight above 0 for each class, such as cat=2,dog=0.5.",
      ],
    ] as const)
      expect(await convscope(...words, ...wrong)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(message),
      });
    const unknown = await convscope("train", "photos", ...tiny, "--class-weights", "disk=2", "--out", "none");
    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/There is no class "disk" to weigh in photos/),
    });
    expect(existsSync(join(desk, "none"))).toBe(false);
  });

  test("--watch names the pictures that are explained after every epoch, or says how many", async () => {
    const words = ["train", "photos", ...tiny, "--epochs", "1"];
    const named = await convscope(...words, "--watch", "photos/square/3.jpg,disc/0.jpg", "--out", "named");
    expect(named.stderr).toContain("\nexplained after every epoch: square/3.jpg and disc/0.jpg\n");
    expect(json("named/config.json").watch).toEqual(["photos/square/3.jpg", "disc/0.jpg"]);
    expect(readdirSync(join(desk, "named/watched"))).toEqual([
      "epoch-0000.safetensors",
      "epoch-0001.safetensors",
    ]);
    expect(read("named/report.html").match(/<figure class="strip">/g)).toHaveLength(2);
    const none = await convscope(...words, "--watch", "0", "--out", "unwatched");
    expect(none.stderr).not.toContain("explained");
    expect(existsSync(join(desk, "unwatched/watched"))).toBe(false);
    expect(await convscope(...words, "--watch", "disc/00.jpg", "--out", "nobody")).toMatchObject({
      code: 1,
      stderr: 'convscope: There is no picture "disc/00.jpg" in photos to watch; did you mean "disc/0.jpg"?\n',
    });
    expect(existsSync(join(desk, "nobody"))).toBe(false);
    expect(await convscope(...words, "--watch", "disc/0.jpg,")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("It takes a number, or names set apart by commas."),
    });
  });

  test("--find-rate suggests a learning rate, draws why, and begins no run", async () => {
    const words = ["train", "photos", ...tiny, "--find-rate", "--out", "rates"];
    const { code, stdout } = await convscope(...words);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^\d+ steps at rates from 1e-7 up: the loss rises from \S+ on\nsuggested {4}--learning-rate [\d.e-]+, which one-cycle raises to \S+\nfigure {7}rates\/learning-rate\.png, rates\/learning-rate\.svg\n$/,
    );
    expect(readdirSync(join(desk, "rates")).sort()).toEqual(["learning-rate.png", "learning-rate.svg"]);
    const told = JSON.parse((await convscope(...words, "--schedule", "constant", "--json")).stdout);
    expect(told.learningRate).toBeCloseTo(told.suggested, 2);
    expect(told.trials.length).toBeGreaterThan(10);
  });

  test("makes no folder for a network that cannot be built, or without pictures to validate with", async () => {
    expect(
      await convscope("train", "photos", "--size", "40", "--filters", "8,8,8,8,8", "--out", "none"),
    ).toMatchObject({
      code: 1,
      stderr:
        "convscope: A 40×40 picture is too small for 5 convolutions; use a larger size or fewer filters.\n",
    });
    expect(
      await convscope("train", "photos", ...tiny, "--validation-fraction", "0", "--out", "none"),
    ).toMatchObject({
      code: 1,
      stderr:
        "convscope: photos leaves no pictures to validate with; fill its validation folder, or remove it and give a --validation-fraction above 0.\n",
    });
    expect(existsSync(join(desk, "none"))).toBe(false);
  });
});
