import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  watch,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { convscope, desk, type Ended, jsonLines, start, tiny } from "./convscope.ts";
import { byClass, shapePhoto, writePhotos } from "./photos.ts";
import { hashOf, lastState, result } from "./runs.ts";

/** Twenty steps an epoch, so that there is a middle to stop in. */
const options = ["photos", ...tiny, "--batch", "1", "--epochs", "12"];
const begin = (out: string): string[] => ["train", ...options, "--out", out];
const resume = (run: string): string[] => ["train", "--resume", run];

let whole: unknown;

beforeAll(async () => {
  await writePhotos(join(desk, "photos"), byClass(12));
  const { code, stderr } = await convscope(...begin("whole"));
  expect(code, stderr).toBe(0);
  whole = result("whole");
});

describe("Ctrl-C", () => {
  test("saves in mid-epoch, says how to go on, and going on ends in the same bits", async () => {
    const places: number[] = [];
    for (const [index, delay] of [10, 25, 40].entries()) {
      const { child, ended, printed } = await start(index === 0 ? begin("stopped") : resume("stopped"));
      await printed("/12 ");
      await pause(delay);
      child.kill("SIGINT");
      const { code, stderr } = await ended;
      const { epoch, step } = lastState("stopped");
      expect(stderr).toContain(
        `\nStopping after this step to save; once more to stop at once.\nStopped in epoch ${epoch + 1} and saved. Go on with:\n  convscope train --resume stopped\n`,
      );
      expect(code).toBe(130);
      places.push(step);
    }
    expect(Math.max(...places)).toBeGreaterThan(0);
    const { code, stderr } = await convscope(...resume("stopped"));
    expect(stderr).toMatch(new RegExp(`^going on in epoch \\d+ of 12, after ${places[2]} steps?\\n`));
    expect(code).toBe(0);
    expect(result("stopped")).toEqual(whole);
  });

  test("is told to machines too", async () => {
    const { child, ended, printed } = await start([...begin("as-json"), "--json"]);
    await printed('"epoch":1');
    child.kill("SIGINT");
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(jsonLines(stdout).at(-1)).toEqual({
      run: "as-json",
      reason: "interrupted",
      resume: "convscope train --resume as-json",
    });
  });
});

describe("kill -9", () => {
  /** Kills the process as soon as the temporary file of one that it replaces appears, or it has ended. */
  async function killWhileWriting(words: readonly string[], run: string, file: string): Promise<Ended> {
    const { child, ended, printed } = await start(words);
    await printed("/12 ");
    const watcher = watch(join(desk, run, "checkpoints"), (_, name) => {
      if (name === `${file}.tmp`) child.kill("SIGKILL");
    });
    return ended.finally(() => watcher.close());
  }

  test("in the middle of a checkpoint loses no more than an epoch, and going on ends in the same bits", async () => {
    const first = await killWhileWriting(begin("killed"), "killed", "last.safetensors");
    expect(first.signal).toBe("SIGKILL");
    const second = await killWhileWriting(resume("killed"), "killed", "best.safetensors");
    const third = await killWhileWriting(resume("killed"), "killed", "last.safetensors");
    expect([second.signal, third.signal]).toContain("SIGKILL");
    // As much of a checkpoint as was written, should the kills have come a moment too late for one to be left over.
    const last = join(desk, "killed/checkpoints/last.safetensors");
    copyFileSync(last, `${last}.tmp`);
    truncateSync(`${last}.tmp`, 1000);
    expect((await convscope(...resume("killed"))).code).toBe(0);
    expect(result("killed")).toEqual(whole);
    expect(readdirSync(join(desk, "killed/checkpoints")).sort()).toEqual([
      "best.safetensors",
      "last.safetensors",
    ]);
  });

  test("at any moment does not hurt", async () => {
    for (const [index, delay] of [0, 30, 110, 230].entries()) {
      const { child, ended, printed } = await start(index === 0 ? begin("hunted") : resume("hunted"));
      await printed("/12 ");
      await pause(delay);
      child.kill("SIGKILL");
      await ended;
      expect(lastState("hunted").epoch).toBeGreaterThan(0);
    }
    expect((await convscope(...resume("hunted"))).code).toBe(0);
    expect(result("hunted")).toEqual(whole);
  });
});

describe("a full disk", () => {
  test("while a checkpoint is written keeps the one before, and with room again it goes on to the same bits", async ({
    skip,
    onTestFinished,
  }) => {
    const disk = join(desk, "disk");
    mkdirSync(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], { stdio: "ignore" });
    } catch {
      skip("a small disk to fill needs root, and leave to mount a tmpfs");
    }
    onTestFinished(() => void execFileSync("umount", [disk]));
    const { ended, printed } = await start(begin("disk/run"));
    await printed("1/12 ");
    try {
      for (let piece = 2 ** 20; ; ) writeFileSync(join(disk, "filler"), new Uint8Array(piece), { flag: "a" });
    } catch {
      // Full.
    }
    const { code, stderr } = await ended;
    expect(stderr).toMatch(
      /\nconvscope: disk\/run\/\S+ was not written: the disk is full; free some space\. What stood there before is unharmed\.\n$/,
    );
    expect(code).toBe(1);
    expect(lastState("disk/run").epoch).toBeGreaterThan(0);
    rmSync(join(disk, "filler"));
    expect((await convscope(...resume("disk/run"))).code).toBe(0);
    expect(result("disk/run")).toEqual(whole);
  });
});

describe("a loss that is no number", () => {
  test("ends training, says at which step, and keeps the last good checkpoint", async () => {
    await convscope("train", "photos", ...tiny, "--epochs", "1", "--out", "runaway");
    const [before, model] = [hashOf("runaway/checkpoints/last.safetensors"), hashOf("runaway/model.onnx")];
    const path = join(desk, "runaway/config.json");
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), learningRate: 1e30 }));
    const { code, stdout, stderr } = await convscope("train", "--resume", "runaway", "--epochs", "3");
    expect(stderr).toMatch(
      /\nconvscope: The loss is NaN at epoch 2, step 2: training has run away; go on from an earlier checkpoint or begin anew with a lower learning rate than 1e\+30\.\n$/,
    );
    expect([code, stdout]).toEqual([1, ""]);
    expect([hashOf("runaway/checkpoints/last.safetensors"), hashOf("runaway/model.onnx")]).toEqual([
      before,
      model,
    ]);
  });

  test("after the last step of an epoch, which validation shows, is not saved either", async () => {
    const onlyStep = ["--batch", "64", "--optimizer", "sgd", "--learning-rate", "1e30", "--epochs", "3"];
    const { code, stdout, stderr } = await convscope(
      "train",
      "photos",
      ...tiny,
      ...onlyStep,
      "--out",
      "late",
    );
    expect(stderr).toContain("convscope: The validation loss is NaN after epoch 1: training has run away;");
    expect([code, stdout]).toEqual([1, ""]);
    expect(existsSync(join(desk, "late/model.onnx"))).toBe(false);
  });

  test("in the first epoch leaves no checkpoint", async () => {
    const { code, stderr } = await convscope(
      "train",
      "photos",
      ...tiny,
      "--learning-rate",
      "1e30",
      "--out",
      "nan",
    );
    expect(stderr).toContain("convscope: The loss is NaN at epoch 1, step 2: training has run away;");
    expect(code).toBe(1);
    expect(existsSync(join(desk, "nan/checkpoints"))).toBe(false);
    expect(await convscope("train", "--resume", "nan")).toMatchObject({
      code: 1,
      stderr:
        "convscope: nan/checkpoints/last.safetensors is missing: the run was stopped before its first checkpoint; start it anew.\n",
    });
    // So the folder is free for another try.
    expect(await convscope("train", "photos", ...tiny, "--epochs", "1", "--out", "nan")).toMatchObject({
      code: 0,
    });
  });
});

describe("--resume refuses", () => {
  test("pictures that have changed", async () => {
    cpSync(join(desk, "photos"), join(desk, "changing"), { recursive: true });
    await convscope("train", "changing", ...tiny, "--epochs", "1", "--out", "begun");
    await shapePhoto("disc", 99).jpeg().toFile(join(desk, "changing/disc/3.jpg"));
    expect(await convscope(...resume("begun"))).toMatchObject({
      code: 1,
      stdout: "",
      stderr:
        "convscope: The pictures in changing are not those that begun was begun with (see its data.json); put them back, or start a new run.\n",
    });
    rmSync(join(desk, "changing"), { recursive: true });
    expect(await convscope(...resume("begun"))).toMatchObject({
      code: 1,
      stderr: "convscope: changing does not exist; check the path\n",
    });
  });

  test.each([["--seed", "3"], ["--learning-rate", "1e-3"], ["--no-flip"]])(
    "%s, a setting of the run",
    async (...words) => {
      expect(await convscope(...resume("whole"), ...words)).toMatchObject({
        code: 2,
        stderr: `convscope: ${words[0]} cannot be given with --resume: a run goes on with its own settings; only --epochs and --fine-tune-epochs may be raised.\n`,
      });
    },
  );

  test("a folder of photos beside it", async () => {
    expect(await convscope("train", "photos", "--resume", "whole")).toMatchObject({
      code: 2,
      stderr:
        "convscope: A folder cannot be given with --resume: a run goes on with its own settings; only --epochs and --fine-tune-epochs may be raised.\n",
    });
  });

  test("a folder that is no run, and a damaged checkpoint", async () => {
    expect(await convscope(...resume("photos"))).toMatchObject({
      code: 1,
      stderr: "convscope: photos is not a run folder (it has no config.json); give one that `train` made.\n",
    });
    cpSync(join(desk, "whole"), join(desk, "damaged"), { recursive: true });
    truncateSync(join(desk, "damaged/checkpoints/last.safetensors"), 5000);
    const { code, stderr } = await convscope(...resume("damaged"));
    expect(stderr).toMatch(
      /^convscope: damaged\/checkpoints\/last\.safetensors is not a whole safetensors file \(.*\); copy or write it again\.\n$/,
    );
    expect(code).toBe(1);
  });
});
