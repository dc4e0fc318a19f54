import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { float32, tensor } from "../../src/base/tensor.ts";
import { int } from "../../src/graph/graph.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import type { EpochRow } from "../../src/train/state.ts";
import { codes, type ForeignNode, foreignModel, graphMessage } from "../graph/onnx-file.ts";
import { type Exporter, exporters } from "../model/exporters.ts";
import { desk, type Ended, jsonLines, type Running, start } from "./convscope.ts";
import { byClass, shapes, writePhotos } from "./photos.ts";
import { lastState, result } from "./runs.ts";

const read = (...path: string[]): string => readFileSync(join(desk, ...path), "utf8");
const config = (run: string) => JSON.parse(read(run, "config.json"));
const save = (name: string, bytes: Uint8Array): void => writeFileSync(join(desk, name), bytes);

/** Runs the command line with features kept in a folder of its own. */
const begin = (words: readonly string[], cache = "cache"): Promise<Running> =>
  start([...words], { env: { CONVSCOPE_CACHE: join(desk, cache) } });
const convscope = async (...words: string[]): Promise<Ended> => (await begin(words)).ended;

/** What every run here is told beside its backbone. */
const quick = ["photos", "--threads", "1", "--watch", "0", "--epochs", "2"];
const unit = ["--preprocess", "unit"];

const trained = async (out: string, ...words: string[]): Promise<Ended> => {
  const ended = await convscope("train", ...quick, "--out", out, ...words);
  expect(ended.code, ended.stderr).toBe(0);
  return ended;
};

/** What is said of a backbone up to where training would begin, and without the report after it. */
async function gathered(words: readonly string[], cache?: string): Promise<string> {
  const { code, stderr } = await (
    await begin(["train", ...quick, "--find-rate", "--out", "rates", ...words], cache)
  ).ended;
  expect(code, stderr).toBe(0);
  return stderr;
}

const ours = (seed: number, size = 20): Uint8Array =>
  writeOnnx(smallConvnet({ classes: ["a", "b"], size, filters: [4, 6], units: 5, seed }).graph);

const torch = exporters.PyTorch!;

/** The network as PyTorch exports it, for pictures of these extents, with some of it changed. */
function elsewhere(
  { nodes, constants }: Pick<Exporter, "nodes" | "constants"> = torch,
  shape: readonly (number | string)[] = [1, 3, 12, 10],
): Uint8Array {
  const graph = graphMessage({
    nodes,
    constants,
    inputs: [{ name: "x", code: codes.float32, shape }],
    outputs: [{ name: "y", code: codes.float32, shape: [shape[0]!, 3] }],
  });
  return foreignModel(graph, torch.opset);
}

/** The same with other nodes in the place of its ReLU6. */
const inPlaceOfClip = (...others: ForeignNode[]) =>
  torch.nodes.flatMap((node) => (node.op === "Clip" ? others : [node]));

beforeAll(async () => {
  await writePhotos(join(desk, "photos"), byClass(12));
  save("net.onnx", ours(3));
  save("torch.onnx", elsewhere());
});

const beginning =
  'net.onnx up to "conv2d_1": 6 features of each picture\n' +
  "pictures: unit (RGB, levels minus 0, over 255), squashed to 20×20, linear filter\n";

let first: Ended;
beforeAll(async () => {
  first = await trained("first", "--backbone", "net.onnx");
});

describe("a head on a backbone", () => {
  test("says what it takes of it, and keeps the features for the next run", async () => {
    expect(first.stderr).toBe(
      `${beginning}features: 0 pictures from the cache, 24 pictures computed\n` +
        "photos: disc, square; 20 pictures to train, 4 to validate\n" +
        `${JSON.parse(read("first/environment.json")).engine}; writing to first\n`,
    );
    expect(first.stdout).toMatch(
      /^1\/2 {2}train .*lr 0\.001 .*\n2\/2 {2}train .*\n\nbest epoch {3}[12] of 2,/,
    );
    expect(config("first")).toMatchObject({
      ...{ architecture: "net", size: null, units: 0, optimizer: "adam", schedule: "cosine", epochs: 2 },
      augmentation: { rotation: 0, zoom: 0, horizontalFlip: false },
      backbone: { model: "net.onnx", cut: "conv2d_1", pooling: "average", unfreeze: [] },
    });
    expect(await gathered(["--backbone", "net.onnx"])).toBe(
      `${beginning}features: 24 pictures from the cache, none computed\n`,
    );
  });

  test("takes another layer by index or name, its maps as they are, and hidden units", async () => {
    const choice = ["--backbone", "net.onnx", "--pooling", "flatten", "--units", "3"];
    const { stderr } = await trained("flat", ...choice, "--cut", "1");
    expect(stderr).toContain('net.onnx up to "max_pooling2d": 324 features of each picture\n');
    expect(config("flat")).toMatchObject({
      units: 3,
      backbone: { cut: "max_pooling2d", pooling: "flatten" },
    });
    const { tensors } = lastState("flat");
    expect(tensors.get("dense/kernel")!.shape).toEqual([324, 3]);
    expect(tensors.get("dense_1/kernel")!.shape).toEqual([3, 1]);
    expect(await gathered([...choice, "--cut", "max_pooling2d"])).toContain(
      "24 pictures from the cache, none",
    );
  });

  test("takes a backbone of any size, and one of grey pictures", async () => {
    save("free.onnx", elsewhere(torch, ["n", 3, "h", "w"]));
    const free = await gathered(["--backbone", "free.onnx", "--preprocess", "tf", "--size", "16"]);
    expect(free).toMatch(/^pictures: tf .* squashed to 16×16, linear filter$/m);
    const kernel = float32(
      [4, 1, 3, 3],
      Float32Array.from({ length: 36 }, (_, at) => Math.sin(at)),
    );
    const constants = { ...torch.constants, "features.0.weight": kernel };
    save("grey.onnx", elsewhere({ ...torch, constants }, [1, 1, 12, 10]));
    expect(await gathered(["--backbone", "grey.onnx", ...unit])).toContain("pictures: unit (grey,");
  });

  test("computes no features of pictures that are altered", async () => {
    expect(await gathered(["--backbone", "net.onnx", "--augment"])).toBe(beginning);
    const { stdout } = await convscope(
      "train",
      ...quick,
      "--backbone",
      "net.onnx",
      "--zoom",
      "0.1",
      "--print-config",
    );
    expect(stdout).toContain("\naugment: true\n");
  });

  test("--find-rate looks for the rate of it", async () => {
    const words = ["--backbone", "net.onnx", "--find-rate", "--out", "found"];
    const { code, stdout } = await convscope("train", ...quick, ...words);
    expect(stdout).toMatch(/\nsuggested {4}--learning-rate \S+\nfigure {7}found\/learning-rate\.png,/);
    expect([code, readdirSync(join(desk, "found"))]).toEqual([0, ["learning-rate.png", "learning-rate.svg"]]);
  });

  test("goes on on another number of threads, whose features are others", async () => {
    cpSync(join(desk, "first"), join(desk, "threads"), { recursive: true });
    writeFileSync(join(desk, "threads/config.json"), JSON.stringify({ ...config("first"), threads: 2 }));
    const { code, stderr } = await convscope("train", "--resume", "threads", "--epochs", "3");
    expect(stderr).toContain("features: 0 pictures from the cache, 24 pictures computed\n");
    expect(code, stderr).toBe(0);
  });

  test("does not go on on another backbone", async () => {
    cpSync(join(desk, "first"), join(desk, "begun"), { recursive: true });
    save("changed.onnx", ours(4));
    const { backbone, ...rest } = config("first");
    const changed = { ...rest, backbone: { ...backbone, model: "changed.onnx" } };
    writeFileSync(join(desk, "begun/config.json"), JSON.stringify(changed));
    expect(await convscope("train", "--resume", "begun", "--epochs", "3")).toMatchObject({
      ...{ code: 1, stdout: "" },
      stderr:
        "convscope: changed.onnx is no longer the backbone that the run was begun with; put that back, or start a new run.\n",
    });
  });
});

describe("fine-tuning", () => {
  const tuning = [
    ...["--backbone", "torch.onnx", ...unit, "--batch", "1", "--epochs", "1", "--schedule", "constant"],
    ...[
      "--unfreeze",
      "features",
      "--update-statistics",
      "--fine-tune-epochs",
      "8",
      "--fine-tune-rate",
      "1e-3",
    ],
  ];
  let tuned: Ended;
  beforeAll(async () => {
    tuned = await trained("tuned", ...tuning, "--json");
  });

  test("trains a module's layers after the head", () => {
    expect(tuned.stderr).toContain(
      "\nfine-tuning 3 layers of the backbone with the head, from its best epoch on, at 0.001\n",
    );
    const rows = jsonLines<EpochRow>(tuned.stdout).slice(0, -1);
    expect(rows.map(({ epoch, fineTuning = false }) => [epoch, fineTuning])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((epoch) => [epoch, epoch > 1]),
    );
    expect(config("tuned").backbone).toMatchObject({
      ...{ unfreeze: ["features"], fineTuneEpochs: 8, fineTuneRate: 1e-3, updateStatistics: true },
    });
  });

  test("is repeated by the run's config.json, and by what --print-config says", async () => {
    const { code, stderr } = await convscope("train", "--config", "tuned/config.json", "--out", "repeated");
    expect(code, stderr).toBe(0);
    expect(result("repeated")).toEqual(result("tuned"));
    const { stdout } = await convscope("train", ...quick, ...tuning, "--print-config");
    for (const line of ["backbone: torch.onnx", "preprocess: unit", "unfreeze: [features]", "augment: false"])
      expect(stdout).toContain(`\n${line}\n`);
    writeFileSync(join(desk, "printed.yaml"), stdout);
    expect((await convscope("train", "--config", "printed.yaml", "--print-config")).stdout).toBe(stdout);
  });

  test("stopped by Ctrl-C goes on to the same bits, and then for longer", async () => {
    const { child, ended, printed } = await begin(["train", ...quick, ...tuning, "--out", "stopped"]);
    await printed("3/9 ");
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(stderr).toMatch(
      /\nStopped in epoch \d and saved\. Go on with:\n {2}convscope train --resume stopped\n$/,
    );
    expect([code, lastState("stopped").after]).toEqual([130, 1]);
    const { epoch } = lastState("stopped");
    const rest = await convscope("train", "--resume", "stopped");
    expect(rest.stderr).toMatch(new RegExp(`\ngoing on in epoch ${epoch + 1} of 9, after \\d+ steps?\n`));
    expect(rest.code, rest.stderr).toBe(0);
    expect(result("stopped")).toEqual(result("tuned"));

    expect(await convscope("train", "--resume", "stopped", "--epochs", "9")).toMatchObject({
      code: 2,
      stderr: "convscope: stopped is at its fine-tuning; raise --fine-tune-epochs.\n",
    });
    const longer = await convscope("train", "--resume", "stopped", "--fine-tune-epochs", "9");
    expect(longer.stderr).toContain("\ngoing on in epoch 10 of 10, after 0 steps\n");
    expect(read("stopped/report.html")).toContain("--resume stopped --fine-tune-epochs 18<");
    const { stdout } = await convscope("runs", "stopped", "first", "--json");
    expect(jsonLines(stdout)[0]).toMatchObject({
      runs: [
        { epochs: 10, of: 10, finished: true },
        { epochs: 2, of: 2, finished: true },
      ],
      differences: { "backbone.unfreeze": [["features"], []] },
    });
  });
});

describe("the cache of features", () => {
  /** The files in it, none before the first. */
  function files(cache: string): string[] {
    const folder = join(desk, cache, "features");
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
    return names.filter((name) => name.endsWith(".features")).map((name) => join(folder, name));
  }
  const backbone = ["--backbone", "net.onnx"];

  test("cut short or of another version is computed again, and that is said", async () => {
    await gathered(backbone, "damaged");
    const [file] = files("damaged");
    truncateSync(file!, statSync(file!).size - 100);
    const cut = await (await begin(["train", ...quick, ...backbone, "--out", "cut"], "damaged")).ended;
    expect(cut.stderr).toMatch(
      /\nfeatures: 22 pictures from the cache, 2 pictures computed\nnote: Of the features in \S+, \S+\.features is cut short; what is missing is computed again\.\n/,
    );
    expect(result("cut")).toEqual(result("first"));
    for (const one of files("damaged")) {
      const bytes = readFileSync(one);
      bytes.writeUInt32LE(9, 8);
      writeFileSync(one, bytes);
    }
    expect(await gathered(backbone, "damaged")).toMatch(
      /\nfeatures: 0 pictures from the cache, 24 pictures computed\nnote: Of the features in \S+, \S+ is damaged or of another version and \S+ is damaged or of another version; what is missing/,
    );
  });

  test("is written by two runs at once, which make the same model", async () => {
    const both = await Promise.all(
      ["one", "two"].map(
        async (out) => (await begin(["train", ...quick, ...backbone, "--out", out], "shared")).ended,
      ),
    );
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    for (const out of ["one", "two"]) expect(result(out)).toEqual(result("first"));
    expect(await gathered(backbone, "shared")).toContain("24 pictures from the cache, none computed\n");
  });

  test("keeps what was computed when Ctrl-C ends it, and the same command goes on from there", async () => {
    await writePhotos(join(desk, "many"), byClass(60));
    save("slow.onnx", ours(3, 120));
    const words = ["many", ...quick.slice(1), "--backbone", "slow.onnx"];
    const { child, ended } = await begin(["train", ...words, "--out", "late"], "interrupted");
    while (files("interrupted").length === 0 && child.exitCode === null) await pause(2);
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(stderr).toMatch(
      /\nStopping after these pictures; what is computed is kept; once more to stop at once\.\nStopped; the same command goes on from here\.\n$/,
    );
    expect([code, existsSync(join(desk, "late"))]).toEqual([130, false]);
    const again = await begin(["train", ...words, "--find-rate", "--out", "rates"], "interrupted");
    const counts = /features: (\d+) pictures from the cache, (\d+) pictures computed/.exec(
      (await again.ended).stderr,
    );
    const [kept, computed] = counts!.slice(1).map(Number) as [number, number];
    expect([20, 40, 60, 80, 100]).toContain(kept);
    expect(kept + computed).toBe(120);
  });
});

describe("refuses, before any features are computed", () => {
  beforeAll(async () => {
    const [conv] = ["features.0.weight"];
    const { [conv!]: _, ...constants } = torch.constants;
    const levels = Int8Array.from({ length: 108 }, (_, at) => ((at * 37) % 100) - 50);
    const quantized = { levels: tensor("int8", [4, 3, 3, 3], levels), scale: float32([], [0.02]) };
    const node = { op: "DequantizeLinear", inputs: ["levels", "scale"], outputs: [conv!] };
    save(
      "quantized.onnx",
      elsewhere({ nodes: [node, ...torch.nodes], constants: { ...constants, ...quantized } }),
    );
    const hardmax = { op: "Hardmax", inputs: ["2"], outputs: ["3"], attributes: { axis: int(1) } };
    save("hard.onnx", elsewhere({ ...torch, nodes: inPlaceOfClip(hardmax) }));
    const rows = { op: "Flatten", inputs: ["2"], outputs: ["rows"], attributes: { axis: int(2) } };
    const back = { op: "Reshape", inputs: ["rows", "shape"], outputs: ["3"] };
    const shape = tensor("int64", [4], BigInt64Array.of(1n, 4n, 12n, 10n));
    save(
      "rows.onnx",
      elsewhere({ nodes: inPlaceOfClip(rows, back), constants: { ...torch.constants, shape } }),
    );
    await writePhotos(join(desk, "lopsided"), [
      ...byClass(2, shapes.slice(0, 2), "train/"),
      ...byClass(1, shapes, "validation/"),
    ]);
  });

  const on = (model: string, ...words: string[]): string[] => ["photos", "--backbone", model, ...words];
  test.each<[string[], number, string | RegExp]>([
    [
      on("torch.onnx"),
      1,
      /^The network does not say how pictures become its input "x"; choose \(--preprocess\): unit /,
    ],
    [
      on("torch.onnx", ...unit, "--size", "30"),
      2,
      "torch.onnx takes pictures of 10×12 and no other; leave the size out.",
    ],
    [on("net.onnx", "--size", "30"), 2, "net.onnx says its own size; leave it out."],
    [on("net.onnx", ...unit), 2, "net.onnx says its own preprocessing; leave it out."],
    [on("gone.onnx"), 1, "There is no model at gone.onnx; give a run folder or the file of a model."],
    [
      on("net.onnx", "--cut", "conv2d_9"),
      1,
      'There is no layer "conv2d_9"; the layers are conv2d, max_pooling2d, conv2d_1, max_pooling2d_1, flatten, dropout, dense and dense_1.',
    ],
    [
      on("rows.onnx", ...unit, "--cut", "rows"),
      1,
      'The layer "rows" gives float32 [4, 120], no row or maps of each picture by itself; cut at another layer.',
    ],
    [
      on("net.onnx", "--unfreeze", "conv2d,dense"),
      1,
      'There is no layer "dense"; the layers are conv2d, max_pooling2d and conv2d_1.',
    ],
    [
      on("net.onnx", "--unfreeze", "max*"),
      1,
      '"max*" names a layer without weights (max_pooling2d); name some that have them, as `convscope layers` lists.',
    ],
    [
      on("quantized.onnx", ...unit, "--unfreeze", "features.0"),
      1,
      'The weights of "features.0" are int8, which no step can change; give a model with float32 weights, or leave that layer as it is.',
    ],
    [
      on("hard.onnx", ...unit, "--unfreeze", "features.0"),
      1,
      /^There is no gradient rule for the operator Hardmax /,
    ],
    [
      ["lopsided", "--backbone", "net.onnx"],
      1,
      'the class "triangle" of lopsided is in validation but not in train; add pictures of it to train, or remove it',
    ],
    [on("net.onnx", "--filters", "8"), 2, "--filters is the small convnet's; leave it out with --backbone."],
    [["photos", "--cut", "conv2d"], 2, "--cut is for a backbone; name one (--backbone), or leave it out."],
    [["photos", "--units", "0"], 2, "--units 0 is for a head on a --backbone; give a number from 1."],
    [
      on("net.onnx", "--fine-tune-rate", "1"),
      2,
      "--fine-tune-rate is for layers of the backbone; name some (--unfreeze), or leave it out.",
    ],
  ])("%j", async (words, exit, message) => {
    const { code, stdout, stderr } = await convscope("train", ...words, "--out", "refused");
    const said = /(?:^|\n)convscope: ([^\n]*)\n$/.exec(stderr)?.[1];
    if (typeof message === "string") expect(said).toBe(message);
    else expect(said).toMatch(message);
    expect([code, stdout, existsSync(join(desk, "refused"))]).toEqual([exit, "", false]);
    expect(stderr).not.toContain("features: ");
  });

  test("a layer behind an operator without a gradient, but not those after it", async () => {
    await gathered(["--backbone", "hard.onnx", ...unit, "--unfreeze", "features.4"]);
  });
});
