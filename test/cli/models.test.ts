import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { readNpy, writeNpy } from "../../src/formats/npy.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { convscope, desk, jsonLines } from "./convscope.ts";
import { byClass, shapes, writePhotos } from "./photos.ts";

const small = { size: 32, filters: [8, 8], units: 16 };

beforeAll(async () => {
  const models = {
    two: smallConvnet({ classes: ["disc", "square"], ...small }),
    three: smallConvnet({ classes: shapes, ...small }),
    seven: smallConvnet({ classes: ["a", "b", "c", "d", "e", "f", "g"], ...small }),
    notebook: smallConvnet({ classes: ["cat", "dog"] }),
  };
  for (const [name, network] of Object.entries(models))
    writeFileSync(join(desk, `${name}.onnx`), writeOnnx(network.graph));
  await writePhotos(join(desk, "photos"), byClass(4));
  await writePhotos(join(desk, "all"), byClass(2, shapes));
  const pixels = (count: number, offset = 0) =>
    Float32Array.from({ length: count * 3 * 32 * 32 }, (_, i) => ((i + offset) % 97) / 97);
  const tensors = {
    one: float32([3, 32, 32], pixels(1)),
    batch: float32([2, 3, 32, 32], pixels(2)),
    second: float32([3, 32, 32], pixels(1, 3 * 32 * 32)),
    flat: float32([3, 30, 32], new Float32Array(3 * 30 * 32)),
    double: { dtype: "float64", shape: [3, 32, 32], data: new Float64Array(3 * 32 * 32) } as const,
  };
  for (const [name, tensor] of Object.entries(tensors))
    writeFileSync(join(desk, `${name}.npy`), writeNpy(tensor));
});

const PREPARED =
  "photos are prepared so: unit (RGB, levels minus 0, over 255), squashed to 32×32, linear filter\n";

describe("summary", () => {
  test("prints Keras's table of the notebook's network", async () => {
    const { code, stdout } = await convscope("summary", "notebook.onnx");
    expect(code).toBe(0);
    expect(stdout).toBe(`Model: "small-convnet"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ conv2d (Conv2D)                 │ (None, 148, 148, 32)   │           896 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ max_pooling2d (MaxPooling2D)    │ (None, 74, 74, 32)     │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ conv2d_1 (Conv2D)               │ (None, 72, 72, 64)     │        18,496 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ max_pooling2d_1 (MaxPooling2D)  │ (None, 36, 36, 64)     │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ conv2d_2 (Conv2D)               │ (None, 34, 34, 128)    │        73,856 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ max_pooling2d_2 (MaxPooling2D)  │ (None, 17, 17, 128)    │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ conv2d_3 (Conv2D)               │ (None, 15, 15, 128)    │       147,584 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ max_pooling2d_3 (MaxPooling2D)  │ (None, 7, 7, 128)      │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ flatten (Flatten)               │ (None, 6272)           │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dropout (Dropout)               │ (None, 6272)           │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense (Dense)                   │ (None, 512)            │     3,211,776 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense_1 (Dense)                 │ (None, 1)              │           513 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 3,453,121 (13.17 MB)
 Trainable params: 3,453,121 (13.17 MB)
 Non-trainable params: 0 (0.00 B)
`);
  });

  test("as JSON", async () => {
    const [summary] = jsonLines((await convscope("summary", "notebook.onnx", "--json")).stdout);
    expect(summary).toMatchObject({ parameters: 3_453_121 });
    expect((summary!.rows as unknown[])[0]).toEqual({
      name: "conv2d",
      type: "Conv2D",
      outputShape: "(None, 148, 148, 32)",
      parameters: 896,
      statistics: 0,
    });
  });

  test("refuses what is no model, by name", async () => {
    const whole = readFileSync(join(desk, "two.onnx"));
    writeFileSync(join(desk, "cut.onnx"), whole.subarray(0, whole.length / 2));
    writeFileSync(join(desk, "text.onnx"), "not a model");
    mkdirSync(join(desk, "young"));
    const refused = async (name: string): Promise<string> => {
      const { code, stdout, stderr } = await convscope("summary", name);
      expect([code, stdout]).toEqual([1, ""]);
      return stderr;
    };
    expect(await refused("cut.onnx")).toBe(
      "convscope: cut.onnx is truncated or not an ONNX file (premature end); export or copy it again.\n",
    );
    expect(await refused("text.onnx")).toMatch(
      /^convscope: text\.onnx is truncated or not an ONNX file \(.+\); export or copy it again\.\n$/,
    );
    expect(await refused("young")).toBe(
      "convscope: young holds neither model.onnx nor model.json; give the file of a model, or a run folder whose first epoch has ended.\n",
    );
    expect(await refused("gone.onnx")).toBe(
      "convscope: There is no model at gone.onnx; give a run folder or the file of a model.\n",
    );
  });
});

interface Predictions {
  readonly image: string;
  readonly predictions: { label: string; index: number; logit: number; probability: number }[];
}

const predictionsOf = async (...words: string[]): Promise<Predictions[]> =>
  jsonLines<Predictions>((await convscope("predict", ...words, "--json")).stdout);

describe("predict", () => {
  test("prints the classes, most probable first, in columns", async () => {
    const { code, stdout } = await convscope("predict", "three.onnx", "photos/disc/0.jpg");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^photos\/disc\/0\.jpg\n( {2}(disc {4}|square {2}|triangle) {2} [ \d]\d\.\d% {2}logit [ -]{2}\d\.\d{3}\n){3}$/,
    );
  });

  test("--json: label, index, logit and probability of the five most probable", async () => {
    const [{ image, predictions }] = (await predictionsOf("seven.onnx", "photos/disc/0.jpg")) as [
      Predictions,
    ];
    expect(image).toBe("photos/disc/0.jpg");
    expect(predictions).toHaveLength(5);
    for (const [rank, { label, index, logit, probability }] of predictions.entries()) {
      expect(label).toBe("abcdefg"[index]);
      const next = predictions[rank + 1];
      if (!next) continue;
      expect(probability).toBeGreaterThanOrEqual(next.probability);
      // Softmax: the ratio of probabilities is that of the exponentials of the logits.
      expect(Math.log(probability / next.probability)).toBeCloseTo(logit - next.logit, 4);
    }
  });

  test("two classes share a logit, by its sign", async () => {
    const [{ predictions }] = (await predictionsOf("two.onnx", "photos/square/1.jpg")) as [Predictions];
    const [first, second] = predictions;
    expect(first!.logit).toBeCloseTo(-second!.logit, 10);
    expect(first!.probability).toBeCloseTo(1 / (1 + Math.exp(-first!.logit)), 5);
  });

  test("takes preprocessed tensors, one or several", async () => {
    const [one, first, second, alone] = await predictionsOf("two.onnx", "one.npy", "batch.npy", "second.npy");
    expect([first!.image, second!.image]).toEqual(["batch.npy[0]", "batch.npy[1]"]);
    expect(first!.predictions).toEqual(one!.predictions);
    expect(second!.predictions).toEqual(alone!.predictions);
    expect(one!.predictions).not.toEqual(alone!.predictions);
  });

  test("a photo is squashed and scaled as a tensor of its pixels says", async () => {
    const { data } = await sharp(join(desk, "photos/disc/0.jpg"))
      .resize(32, 32, { fit: "cover" })
      .png()
      .toFile(join(desk, "square.png"))
      .then(() => sharp(join(desk, "square.png")).raw().toBuffer({ resolveWithObject: true }));
    const values = Float32Array.from(
      { length: 3 * 32 * 32 },
      (_, i) => data[3 * (i % 1024) + Math.floor(i / 1024)]! / 255,
    );
    writeFileSync(join(desk, "square.npy"), writeNpy(float32([3, 32, 32], values)));
    const [photo, tensor] = await predictionsOf("two.onnx", "square.png", "square.npy");
    expect(photo!.predictions).toEqual(tensor!.predictions);
  });

  test("names what it cannot read and goes on with the rest", async () => {
    writeFileSync(join(desk, "page.jpg"), "<html></html>");
    const { code, stdout, stderr } = await convscope(
      "predict",
      "two.onnx",
      "page.jpg",
      "gone.jpg",
      "one.npy",
    );
    expect(stderr).toBe(
      PREPARED +
        "convscope: page.jpg is not a picture (JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP); replace or remove it\n" +
        "convscope: gone.jpg does not exist; check the path\n" +
        "convscope: 2 of 3 images could not be read.\n",
    );
    expect(stdout).toMatch(/^one\.npy\n/);
    expect(code).toBe(1);
  });

  test.each([
    [
      "flat.npy",
      "flat.npy: a tensor [3, 30, 32] does not fit the network, which takes [3, 32, 32] or [N, 3, 32, 32].",
    ],
    ["double.npy", "double.npy holds float64; save the preprocessed image as float32."],
  ])("refuses %s", async (file, message) => {
    expect(await convscope("predict", "two.onnx", file)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: `${file.endsWith(".npy") ? "" : PREPARED}convscope: ${message}\n`,
    });
  });

  test("a network from elsewhere is told how pictures become its input, and what its classes are", async () => {
    const foreign = smallConvnet({ classes: ["a", "b"], ...small }).graph;
    writeFileSync(join(desk, "foreign.onnx"), writeOnnx({ ...foreign, metadata: new Map() }));
    writeFileSync(join(desk, "names.txt"), "cat\ndog\n");
    writeFileSync(join(desk, "names.json"), '["cat", "dog"]');
    writeFileSync(join(desk, "broken.json"), "[");
    expect(await convscope("predict", "foreign.onnx", "square.png")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^convscope: The network does not say how pictures become its input "image"; choose \(--preprocess\): unit \(.*caffe \([^\n]*\)\.\n$/,
      ),
    });
    const options = ["--preprocess", "imagenet", "--crop", "0.875", "--filter", "cubic"];
    for (const names of ["names.txt", "names.json"]) {
      const told = await convscope("predict", "foreign.onnx", "square.png", ...options, "--classes", names);
      expect(told.stderr).toBe(
        "photos are prepared so: imagenet (RGB, levels minus 123.675, 116.28, 103.53, over 58.395, 57.12, 57.375), 32×32 from the middle 87.5% of the shorter side, cubic filter\n",
      );
      expect(told.stdout).toMatch(/^square\.png\n {2}(cat|dog) /);
    }
    expect(
      (await convscope("predict", "foreign.onnx", "square.png", "--classes", "broken.json")).stderr,
    ).toBe(
      "convscope: broken.json is not valid JSON; give a JSON array of class names, or one name a line.\n",
    );
    writeFileSync(join(desk, "object.json"), '{"0": "cat", "1": "dog"}');
    expect(
      (await convscope("predict", "foreign.onnx", "square.png", "--classes", "object.json")).stderr,
    ).toBe("convscope: object.json holds no JSON array of class names; give one, or one name a line.\n");
    expect(await convscope("predict", "foreign.onnx", "square.png", "--size", "64")).toMatchObject({
      code: 2,
      stderr: "convscope: foreign.onnx takes pictures of 32×32 and no other; leave the size out.\n",
    });
    expect((await convscope("predict", "two.onnx", "square.png", "--preprocess", "tf")).stderr).toBe(
      "convscope: two.onnx says its own preprocessing; leave it out.\n",
    );
  });
});

describe("evaluate", () => {
  test("--json: accuracy with its interval, loss, n and the confusion", async () => {
    const { code, stdout, stderr } = await convscope("evaluate", "three.onnx", "all", "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const [score] = jsonLines<{
      n: number;
      correct: number;
      accuracy: number;
      interval: number[];
      loss: number;
      confusion: number[][];
    }>(stdout);
    const { n, correct, accuracy, interval, loss, confusion } = score!;
    expect(score).toMatchObject({ split: "train", n: 6, classes: shapes });
    expect(accuracy).toBeCloseTo(correct / n, 12);
    expect(interval[0]).toBeLessThan(accuracy + 1e-12);
    expect(interval[1]).toBeGreaterThan(accuracy);
    expect(loss).toBeGreaterThan(0);
    expect(confusion.map((row) => row.reduce((sum, count) => sum + count))).toEqual([2, 2, 2]);
  });

  test("counts a folder's classes as the network does, in whatever order they come", async () => {
    const each = await predictionsOf(
      "three.onnx",
      ...byClass(2, ["square", "triangle"]).map((name) => `all/${name}`),
    );
    const right = each.filter(({ image, predictions }) => image.includes(predictions[0]!.label)).length;
    await writePhotos(join(desk, "some"), byClass(2, ["square", "triangle"]));
    for (const name of byClass(2, ["square", "triangle"]))
      writeFileSync(join(desk, "some", name), readFileSync(join(desk, "all", name)));
    const [score] = jsonLines((await convscope("evaluate", "three.onnx", "some", "--json")).stdout);
    expect(score).toMatchObject({ n: 4, correct: right, classes: shapes });
  });

  test("chooses validation, then test, unless --split says otherwise", async () => {
    await writePhotos(join(desk, "split"), [
      ...byClass(3, undefined, "train/"),
      ...byClass(1, undefined, "test/"),
    ]);
    const score = async (...words: string[]) =>
      jsonLines((await convscope("evaluate", "two.onnx", "split", "--json", ...words)).stdout)[0];
    expect(await score()).toMatchObject({ split: "test", n: 2 });
    expect(await score("--split", "train")).toMatchObject({ split: "train", n: 6 });
    expect(await convscope("evaluate", "two.onnx", "split", "--split", "validation")).toMatchObject({
      code: 2,
      stderr: "convscope: split has no validation pictures, only train and test.\n",
    });
    expect(await convscope("evaluate", "two.onnx", "split", "--split", "dev")).toMatchObject({
      code: 2,
      stderr:
        "convscope: option '--split <name>' argument 'dev' is invalid. It takes train, validation and test.\n`convscope evaluate --help` says how to use it.\n",
    });
  });

  test("prints a table, and leaves out what is broken", async () => {
    writeFileSync(join(desk, "all/disc/page.jpg"), "<html></html>");
    const photo = readFileSync(join(desk, "all/disc/0.jpg"));
    writeFileSync(join(desk, "all/disc/cut.jpg"), photo.subarray(0, photo.length * 0.7));
    const { code, stdout, stderr } = await convscope("evaluate", "three.onnx", "all");
    expect(stderr).toBe(
      "note: 1 broken file skipped\n" +
        "note: all/disc/page.jpg is not a picture (JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP); replace or remove it\n" +
        "note: 1 broken picture skipped\n" +
        "note: all/disc/cut.jpg is cut short; copy it again or remove it\n",
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^all: 6 pictures\naccuracy {2}\d+\.\d% {2}\(95% interval \d+\.\d% to \d+\.\d%\)\nloss {6}\d\.\d{4}\n\n/,
    );
    expect(stdout).toMatch(/\nreally, predicted: +disc +square +triangle\ndisc( +\d +\d+\.\d%){3}\n/);
  });

  test("refuses a class that the network does not know", async () => {
    expect(await convscope("evaluate", "two.onnx", "all")).toMatchObject({
      code: 1,
      stderr:
        "convscope: all has the class triangle, which the network does not know; it knows disc and square.\n",
    });
  });
});

/** Its size, once all of it has been decoded. */
async function pngSize(path: string): Promise<[width: number, height: number]> {
  const { info } = await sharp(join(desk, path)).raw().toBuffer({ resolveWithObject: true });
  expect((await sharp(join(desk, path)).metadata()).format).toBe("png");
  return [info.width, info.height];
}

describe("explain", () => {
  test("writes a figure and an overlay beside the photo, and says what they show", async () => {
    const { code, stdout } = await convscope("explain", "two.onnx", "photos/disc/2.jpg");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^photos\/disc\/2\.jpg: (disc|square) \d\d\.\d%, by Grad-CAM at conv2d_1\n {2}photos\/disc\/2\.grad-cam\.png\n {2}photos\/disc\/2\.grad-cam\.svg\n {2}photos\/disc\/2\.grad-cam\.overlay\.png\n$/,
    );
    expect(await pngSize("photos/disc/2.grad-cam.overlay.png")).toEqual([48, 40]);
    expect((await pngSize("photos/disc/2.grad-cam.png"))[0]).toBeGreaterThan(1000);
    expect(readFileSync(join(desk, "photos/disc/2.grad-cam.svg"), "utf8")).toMatch(/^<svg /);
  });

  test("--raw writes the unscaled map and a record of what it is; --out says where", async () => {
    const { stdout } = await convscope(
      "explain",
      "three.onnx",
      "batch.npy",
      "--raw",
      "--out",
      "maps",
      "--target",
      "square",
      "--json",
    );
    const [, second] = jsonLines(stdout);
    const stem = "maps/batch.1.grad-cam";
    expect(second!.files).toEqual([
      `${stem}.png`,
      `${stem}.svg`,
      `${stem}.overlay.png`,
      `${stem}.npy`,
      `${stem}.json`,
    ]);
    expect(readdirSync(join(desk, "maps"))).toHaveLength(10);
    const map = readNpy(readFileSync(join(desk, `${stem}.npy`)), stem);
    expect([map.dtype, map.shape]).toEqual(["float32", [13, 13]]);
    const { predictions } = (await predictionsOf("three.onnx", "second.npy"))[0]!;
    const record = JSON.parse(readFileSync(join(desk, `${stem}.json`), "utf8"));
    expect(record).toMatchObject({
      model: "three.onnx",
      image: "batch.npy[1]",
      method: "grad-cam",
      formula: expect.stringContaining("mean_hw(d logit / d A_k)"),
      options: { combine: "sum" },
      layer: "conv2d_1",
      shape: [13, 13],
    });
    expect(record.target).toMatchObject({ label: "square", index: 1 });
    for (const { label, logit } of predictions)
      expect(record.logits).toContainEqual({ label, logit: expect.closeTo(logit, 5) });
    const { files: _, ...same } = second!;
    expect(record).toEqual(same);
  });

  test("takes the target as top, name or index", async () => {
    const target = async (...words: string[]) =>
      jsonLines<{ target: { label: string } }>(
        (await convscope("explain", "three.onnx", "one.npy", "--json", "--out", "targets", ...words)).stdout,
      )[0]!.target.label;
    const [{ predictions }] = (await predictionsOf("three.onnx", "one.npy")) as [Predictions];
    expect(await target()).toBe(predictions[0]!.label);
    expect(await target("--target", "triangle")).toBe("triangle");
    expect(await target("--target", "0")).toBe("disc");
  });

  test.each([
    [["--target", "cat"], 'There is no class "cat"; the classes are disc (0) and square (1).'],
    [["--target", "2"], 'There is no class "2"; the classes are disc (0) and square (1).'],
    [
      ["--layer", "conv9"],
      'There is no layer "conv9"; the layers are conv2d, max_pooling2d, conv2d_1, max_pooling2d_1, flatten, dropout, dense and dense_1.',
    ],
    [
      ["--layer", "dense"],
      'The layer "dense" has no spatial extent; those that have are conv2d, max_pooling2d, conv2d_1 and max_pooling2d_1.',
    ],
  ])("%j does not exist: says what does", async (words, message) => {
    expect(await convscope("explain", "two.onnx", "one.npy", "--out", "never", ...words)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: `convscope: ${message}\n`,
    });
  });

  test("refuses a method that it does not have, and two images for one file", async () => {
    const method = await convscope("explain", "two.onnx", "one.npy", "--method", "magic");
    expect(method.stderr).toMatch(
      /^convscope: option '--method <name>' argument 'magic' is invalid\. Allowed choices are .*grad-cam/,
    );
    expect(method.code).toBe(2);
    const twice = ["photos/disc/1.jpg", "photos/square/1.jpg"];
    expect(await convscope("explain", "two.onnx", ...twice, "--out", "never")).toMatchObject({
      code: 2,
      stderr: `convscope: ${twice.join(" and ")} would both be written to never/1.*; name them in two calls with different --out.\n`,
    });
  });

  test("says so when it cannot write", async () => {
    writeFileSync(join(desk, "occupied"), "");
    expect(await convscope("explain", "two.onnx", "one.npy", "--out", "occupied/maps")).toMatchObject({
      code: 1,
      stderr:
        "convscope: occupied/maps/one.grad-cam.png was not written: a file stands where a folder is needed; choose another folder. What stood there before is unharmed.\n",
    });
  });
});

describe("activations", () => {
  test("draws a grid for every layer with places, into a folder beside the image", async () => {
    const { code, stdout } = await convscope("activations", "two.onnx", "photos/square/3.jpg");
    expect(code).toBe(0);
    const layer = (name: string, size: number) =>
      `photos/square/3\\.activations/${name}\\.png  8 channels of ${size}×${size}(, \\d dead)?\n`;
    expect(stdout).toMatch(
      new RegExp(
        `^${layer("conv2d", 30)}${layer("max_pooling2d", 15)}${layer("conv2d_1", 13)}${layer("max_pooling2d_1", 6)}$`,
      ),
    );
    expect(readdirSync(join(desk, "photos/square/3.activations"))).toHaveLength(8);
    expect((await pngSize("photos/square/3.activations/conv2d.png"))[0]).toBeGreaterThan(8 * 64);
  });

  test("--layer, --out and --json", async () => {
    const { stdout } = await convscope(
      "activations",
      "two.onnx",
      "batch.npy",
      "--layer",
      "conv2d_1",
      "conv2d",
      "--out",
      "grids",
      "--json",
    );
    const rows = jsonLines(stdout);
    expect(rows.map(({ image, layer }) => `${image} ${layer}`)).toEqual([
      "batch.npy[0] conv2d_1",
      "batch.npy[0] conv2d",
      "batch.npy[1] conv2d_1",
      "batch.npy[1] conv2d",
    ]);
    expect(rows[2]).toEqual({
      image: "batch.npy[1]",
      layer: "conv2d_1",
      shape: [8, 13, 13],
      dead: expect.any(Array),
      files: ["grids/batch.1.conv2d_1.png", "grids/batch.1.conv2d_1.svg"],
    });
    expect(readdirSync(join(desk, "grids"))).toHaveLength(8);
  });

  test("refuses a layer without places, and one that does not exist, before it writes anything", async () => {
    expect(await convscope("activations", "two.onnx", "one.npy", "--layer", "conv2d", "dense")).toMatchObject(
      {
        code: 1,
        stdout: "",
        stderr:
          'convscope: The layer "dense" has no spatial extent; those that have are conv2d, max_pooling2d, conv2d_1 and max_pooling2d_1.\n',
      },
    );
    expect((await convscope("activations", "two.onnx", "one.npy", "--layer", "x")).stderr).toMatch(
      /^convscope: There is no layer "x"; the layers are conv2d,/,
    );
  });
});

test("report refuses a folder that is no run", async () => {
  expect(await convscope("report", "photos")).toMatchObject({
    code: 1,
    stderr: "convscope: photos is not a run folder (it has no config.json); give one that `train` made.\n",
  });
});

describe("grad", () => {
  test("writes one gradient as .npy, several as .safetensors, and says their norms", async () => {
    const one = await convscope("grad", "three.onnx", "one.npy", "--target", "1", "--out", "gradients");
    expect([one.code, one.stderr]).toEqual([0, ""]);
    expect(one.stdout).toMatch(
      /^one\.npy: gradients\/one\.grad\.npy\n {2}by input {2}\[1, 3, 32, 32\] {2}norm [\d.e-]+\n$/,
    );
    const { shape, data } = readNpy(readFileSync(join(desk, "gradients/one.grad.npy")), "gradient");
    expect(shape).toEqual([1, 3, 32, 32]);
    const norm = Math.sqrt(Array.from(data, Number).reduce((sum, value) => sum + value * value, 0));
    expect(norm).toBeCloseTo(Number(/norm (.+)\n/.exec(one.stdout)![1]), 3);

    const more = await convscope(
      ...["grad", "three.onnx", "one.npy", "--out", "gradients", "--json"],
      ...["--of", "conv2d", "--channel", "1", "--wrt", "input", "conv2d/kernel"],
    );
    const [{ file, gradients }] = jsonLines(more.stdout) as [{ file: string; gradients: unknown[] }];
    expect(file).toBe("gradients/one.grad.safetensors");
    const { tensors } = readSafetensors(readFileSync(join(desk, file)), file);
    expect(
      [...tensors].map(([by, tensor]) => ({ by, shape: tensor.shape, norm: expect.any(Number) })),
    ).toEqual(gradients);
  });

  test("refuses a channel of nothing, and names that are not there", async () => {
    expect(await convscope("grad", "three.onnx", "one.npy", "--channel", "1")).toMatchObject({
      code: 2,
      stderr: "convscope: --channel needs --of, the layer or value that has channels.\n",
    });
    expect(
      await convscope("grad", "three.onnx", "one.npy", "--of", "conv2d", "--target", "top"),
    ).toMatchObject({
      code: 2,
      stderr: "convscope: --target and --of both say what is differentiated; give one of them.\n",
    });
    expect(await convscope("grad", "three.onnx", "one.npy", "--wrt", "nose")).toMatchObject({
      code: 1,
      stderr:
        'convscope: There is no layer, weight or value "nose"; see `layers`, or open the file in an ONNX viewer.\n',
    });
  });
});

describe("compile", () => {
  test("writes a file for other hosts, named after model and method, and says what it takes and gives", async () => {
    expect(await convscope("compile", "two.onnx")).toMatchObject({
      code: 0,
      stdout: [
        "two.grad-cam.onnx: Grad-CAM at conv2d_1",
        "  takes  image  float32 [1, 3, 32, 32]",
        "  takes  target  int64 [1]",
        "  gives  logits  float32 [1, 1]",
        "  gives  probabilities  float32 [1, 2]",
        "  gives  raw  float32 [1, 13, 13]",
        "  gives  heatmap  float32 [1, 32, 32]",
        "",
      ].join("\n"),
    });
    expect(await convscope("predict", "two.grad-cam.onnx", "one.npy")).toMatchObject({
      code: 1,
      stderr:
        "convscope: two.grad-cam.onnx is for other hosts to run; give the model that it was made from.\n",
    });
    const fixed = await convscope(
      "compile",
      "two.onnx",
      "--target",
      "1",
      "--batch",
      "2",
      "-o",
      "x.onnx",
      "--json",
    );
    const [{ inputs }] = jsonLines(fixed.stdout) as [{ inputs: unknown[] }];
    expect(inputs).toEqual([{ name: "image", dtype: "float32", shape: [2, 3, 32, 32] }]);
  });

  test("refuses classes and layers that are not there, and writes nothing", async () => {
    for (const option of ["--target", "--layer"])
      expect((await convscope("compile", "two.onnx", option, "nose", "-o", "y.onnx")).code).toBe(1);
    expect(existsSync(join(desk, "y.onnx"))).toBe(false);
  });
});
