import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { beforeAll, describe, expect, test } from "vitest";
import { UsageError, UserError } from "../../src/base/errors.ts";
import { train } from "../../src/cli/commands/train.ts";
import { parseConfig } from "../../src/cli/config-file.ts";
import { applyConfigFile } from "../../src/cli/settings.ts";
import { expectSturdy, patience } from "../fuzz.ts";
import { convscope, desk, type Ended, tiny } from "./convscope.ts";
import { byClass, writePhotos } from "./photos.ts";
import { hashOf } from "./runs.ts";

const write = (name: string, text: string): void => writeFileSync(join(desk, name), text);
const config = (run: string): unknown => JSON.parse(readFileSync(join(desk, run, "config.json"), "utf8"));

/** What `train` would run with, given this file and these words. */
async function printed(text: string, ...words: string[]): Promise<Ended> {
  write("config.yaml", text);
  return convscope("train", "--config", "config.yaml", "--print-config", ...words);
}

beforeAll(async () => {
  await writePhotos(join(desk, "photos"), byClass(6));
});

describe("a file", () => {
  test("says any option by its long name, as YAML or as JSON; the command line wins over it", async () => {
    write(
      "run.yaml",
      [
        "# a small one",
        "folder: photos/",
        ...["size: 32", "filters: [8, 8]", "units: 16", "batch: 8", "threads: 1"],
        ...["epochs: 2", "learning-rate: 5e-4", "schedule: constant", "optimizer: sgd", "momentum: .9"],
        ...["nesterov: true", "class-weights: { disc: 2, square: 1.5 }", "flip: false", "patience:"],
      ].join("\n"),
    );
    write("run.json", `{\n\t"augment": false,\n\t"weightDecay": 0.01,\n\t"classWeights": "balanced"\n}\n`);
    const one = await convscope("train", "--config", "run.yaml", "--epochs", "1", "--out", "yaml");
    expect(one.code, one.stderr).toBe(0);
    expect(config("yaml")).toMatchObject({
      data: { kind: "folder", path: "photos/", validationFraction: 0.2 },
      ...{ size: 32, filters: [8, 8], units: 16, batch: 8, threads: 1, epochs: 1, learningRate: 5e-4 },
      ...{ schedule: "constant", optimizer: "sgd", momentum: 0.9, nesterov: true, patience: null },
      classWeights: { disc: 2, square: 1.5 },
      augmentation: { rotation: 40, horizontalFlip: false },
    });
    const words = ["--config", "run.json", "--class-weights", "disc=3", "--print-config"];
    const { stdout } = await convscope("train", ...words);
    for (const line of ["augment: false", "weight-decay: 0.01", "class-weights: {disc: 3}"])
      expect(stdout).toContain(`\n${line}\n`);
  });

  test("that a run left makes the same model again, to the bit", async () => {
    const options = ["--epochs", "2", "--seed", "7", "--zoom", "0.1", "--no-flip", "--clip-norm", "1"];
    const made = await convscope("train", "photos", ...tiny, ...options, "--out", "first");
    expect(made.code, made.stderr).toBe(0);
    const again = await convscope("train", "--config", "first/config.json", "--out", "second");
    expect(again.code, again.stderr).toBe(0);
    expect(hashOf("second/config.json")).toBe(hashOf("first/config.json"));
    expect(hashOf("second/model.onnx")).toBe(hashOf("first/model.onnx"));
  });

  test("of a run on drawn pictures gives its options, not its pictures", async () => {
    const run =
      '{"schema": 1, "data": {"kind": "built-in", "train": 1600}, "architecture": "small-convnet", "epochs": 3}';
    const { stdout } = await printed(run);
    expect(stdout).toContain("\nfolder: null\n");
    expect(stdout).toContain("\nepochs: 3\n");
  });
});

describe("--print-config", () => {
  test("prints every option below what it means, for --config to read back", async () => {
    const words = ["photos/", "--seed", "3", "--no-augment", "--class-weights", "big dog=2,1=0.5"];
    const { code, stdout } = await convscope("train", ...words, "--print-config");
    expect(code).toBe(0);
    expect(stdout).toContain("\nfolder: photos/\n\n");
    expect(stdout).toContain("\n\n# times to go through the pictures (default: 50)\nepochs: 50\n");
    expect(stdout).toContain("\nfilters: [32, 64, 128, 128]\n");
    expect(stdout).toContain('\nclass-weights: {"1": 0.5, big dog: 2}\n');
    expect(stdout).toContain("\n# change pictures, also with a backbone\naugment: false\n");
    expect(stdout).toContain("\nweight-decay: null\n");
    expect(await printed(stdout)).toEqual({ code: 0, signal: null, stdout, stderr: "" });
  });

  test("has every option of the help, but for those that are about configurations", async () => {
    const { stdout } = await printed("");
    const { stdout: help } = await convscope("train", "--help");
    const matches = [...help.matchAll(/^ {2}(?:-\w, )?--(?:no-)?([a-z-]+)/gm)];
    const options = [...new Set(matches.map(([, name]) => name))];
    const names = [...stdout.matchAll(/^([a-z-]+):/gm)].map(([, name]) => name);
    const others = ["help", "resume", "config", "print-config"];
    expect(names.toSorted()).toEqual(
      ["folder", ...options.filter((name) => !others.includes(name!))].toSorted(),
    );
  });

  test("refuses what does not go together", async () => {
    const { code, stdout, stderr } = await printed("momentum: 0.9\n");
    expect(stderr).toBe("convscope: --momentum is sgd's; give --optimizer sgd, or leave it out.\n");
    expect([code, stdout]).toEqual([2, ""]);
  });
});

describe("what is wrong is said", () => {
  async function refusal(text: string): Promise<unknown> {
    write("config.yaml", text);
    const command = new Command();
    train.configure(command);
    return applyConfigFile(command, join(desk, "config.yaml")).catch((error: unknown) => error);
  }

  test.each([
    ["learning-rat: 1", 'config.yaml: there is no "learning-rat"; did you mean "learning-rate"?'],
    ["no-flip: true", 'config.yaml: there is no "no-flip"; did you mean "flip"?'],
    ["resume: runs/latest", 'config.yaml, line 1: "resume" is for the command line alone; leave it out.'],
    ["seed: 1\nepochs: 0", 'config.yaml, line 2: "epochs" is 0. It takes a whole number from 1.'],
    ["epochs: 1.5", 'config.yaml, line 1: "epochs" is 1.5. It takes a whole number from 1.'],
    ["epochs:", 'config.yaml, line 1: "epochs" is empty. It takes a whole number from 1.'],
    ["epochs: [5]", 'config.yaml, line 1: "epochs" is [5]. It takes a word, not a list.'],
    ["learningRate: .inf", 'config.yaml, line 1: "learningRate" is .inf. It takes a number above 0.'],
    ["rotation: 181", 'config.yaml, line 1: "rotation" is 181. It takes degrees from 0 to 180.'],
    ["augment: no", 'config.yaml, line 1: "augment" is no. It takes true or false.'],
    ["flip:", 'config.yaml, line 1: "flip" is empty. It takes true or false.'],
    ["runs: true", 'config.yaml, line 1: "runs" is true. It takes a word, not true.'],
    ["runs: null", 'config.yaml, line 1: "runs" is null. It takes a word, not null.'],
    [
      "optimizer: lion",
      'config.yaml, line 1: "optimizer" is lion. Allowed choices are rmsprop, sgd, adam, adamw.',
    ],
    [
      "filters:\n  - 8\n  - [8]",
      'config.yaml, line 1: "filters" is - 8 - [8]. It takes whole numbers from 1, set apart by commas.',
    ],
    [
      "class-weights: {cat: -1}",
      'config.yaml, line 1: "class-weights" is {cat: -1}. It takes balanced, or a weight above 0 for each class, such as cat=2,dog=0.5.',
    ],
    ["warm-up: 1\nwarmUp: 2", 'config.yaml, line 2: "warmUp" is "warm-up" again; leave one.'],
    [
      '{"schema": 1,\n "augmentation": {"zoom": 0,\n "shear": 90}}',
      'config.yaml, line 3: "shear" is 90. It takes degrees from 0 to 89.',
    ],
  ])("of an option: %j", async (text, message) => {
    expect(await refusal(text)).toEqual(new UsageError(join(desk, message)));
  });

  test.each([
    ["seed: 1\nseed: 2", 'config.yaml, line 2, column 1: "seed" is here twice; leave one.'],
    ["class-weights: {a: 1, a: 2}", 'config.yaml, line 1, column 23: "a" is here twice; leave one.'],
    [
      "seed: &a 1\nepochs: *a",
      "config.yaml, line 2, column 9: *a stands for a value elsewhere; write the value itself.",
    ],
    ["seed: !js 1", "config.yaml, line 1, column 7: this is neither YAML nor JSON (Unresolved tag: !js)."],
    [
      '{"seed": 1,\n "epochs" 2}',
      "config.yaml, line 2, column 11: this is neither YAML nor JSON (Missing , or : between flow map items).",
    ],
    ["30", 'config.yaml names no options; write lines such as "epochs: 30".'],
    ['{"schema": 9}', 'config.yaml, line 1, column 2: "schema" is 9; only a run with 1 can be repeated.'],
  ])("of the file: %j", async (text, message) => {
    expect(await refusal(text)).toEqual(new UserError(join(desk, message)));
  });

  test("a file that is not there, with exit code 1, where a wrong value has 2", async () => {
    const { code, stderr } = await convscope("train", "--config", "gone.yaml");
    expect(stderr).toBe("convscope: gone.yaml cannot be read (ENOENT); give a file of YAML or JSON.\n");
    expect(code).toBe(1);
    const wrong = await printed("epochs: 0");
    expect(wrong.stderr).toBe(
      'convscope: config.yaml, line 1: "epochs" is 0. It takes a whole number from 1.\n',
    );
    expect([wrong.code, wrong.stdout]).toEqual([2, ""]);
  });

  test("--config beside --resume", async () => {
    const { code, stderr } = await printed("seed: 1", "--resume", "first");
    expect(stderr).toBe(
      "convscope: --config cannot be given with --resume: a run goes on with its own settings; only --epochs and --fine-tune-epochs may be raised.\n",
    );
    expect(code).toBe(2);
  });
});

test(
  "damaged files",
  () => {
    const files = [
      "filters: [8, 8]\nclass-weights:\n  cat: 2\n  dog: 1\nout: |\n  a\nruns: 'b'\nseed: &a 0x1f # hex\n",
      '{"schema": 1, "data": {"kind": "folder", "path": "photos"}, "augmentation": {"zoom": 0.2}, "filters": [8]}',
    ];
    expectSturdy(
      files.map((text) => new TextEncoder().encode(text)),
      "config.yaml",
      (bytes) => void parseConfig(new TextDecoder().decode(bytes), "config.yaml"),
    );
  },
  patience,
);
