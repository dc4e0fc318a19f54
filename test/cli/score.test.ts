import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { convscope, desk, jsonLines } from "./convscope.ts";
import { shapes, writePhotos } from "./photos.ts";

interface Board {
  readonly pictures: readonly string[];
  readonly metrics: readonly { readonly name: string; readonly better: string }[];
  readonly methods: readonly {
    readonly name: string;
    readonly control: boolean;
    readonly passes: { readonly forward: number; readonly backward: number };
    readonly metrics: Readonly<
      Record<string, { readonly mean: number; readonly values: readonly number[]; readonly curves: object }>
    >;
  }[];
}

const small = { size: 32, filters: [8, 8], units: 16 };

beforeAll(async () => {
  writeFileSync(
    join(desk, "pets.onnx"),
    writeOnnx(smallConvnet({ classes: ["cat", "dog"], ...small }).graph),
  );
  writeFileSync(join(desk, "shapes.onnx"), writeOnnx(smallConvnet({ classes: shapes, ...small }).graph));
  await writePhotos(join(desk, "photos"), ["disc.jpg", "square.jpg"]);
  mkdirSync(join(desk, "masks"));
  // Light on the left half, whatever the size of the photo.
  const half = await sharp({ create: { width: 50, height: 100, channels: 3, background: "#fff" } })
    .png()
    .toBuffer();
  await sharp({ create: { width: 100, height: 100, channels: 3, background: "#000" } })
    .composite([{ input: half, left: 0, top: 0 }])
    .png()
    .toFile(join(desk, "masks/disc.png"));
});

async function board(...words: string[]): Promise<Board> {
  const { code, stdout } = await convscope("score", ...words, "--json");
  expect(code).toBe(0);
  return jsonLines<Board & Record<string, unknown>>(stdout)[0]!;
}

describe("score", () => {
  test("built-in pictures bring their masks; the table says what is best and what chance does as well", async () => {
    const words = ["pets.onnx", "--pictures", "3", "--metric", "deletion,relevance-mass"];
    const { code, stdout, stderr } = await convscope("score", ...words, "--set", "deletion.steps=4");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^removal: .*\nmethod +deletion ↓\ngrad-cam +\d\.\d{3} ±\d\.\d{3}/m);
    expect(stdout).toMatch(
      /^localization: .*\nmethod +relevance-mass ↑\n.*\nrandom \(control\) +0\.\d{3} ±/m,
    );
    expect(stdout).toMatch(/^3 pictures; ↓ lower is better/m);
    expect(stdout).toMatch(/^grad-cam beats a random map by \d of 2 measures/m);
  });

  test("--json and --csv hold every picture's value; the same seed, the same numbers", async () => {
    const words = [
      "pets.onnx",
      "--pictures",
      "2",
      "--metric",
      "relevance-mass,insertion",
      "--set",
      "insertion.steps=4",
    ];
    const first = await board(...words, "--csv", "scores.csv");
    const second = await board(...words, "--batch", "3");
    expect(first.pictures).toEqual(["test/cat/0001", "test/dog/0001"]);
    expect(first.methods.map(({ name, control }) => [name, control])).toEqual([
      ["grad-cam", false],
      ["random", true],
    ]);
    const rows = readFileSync(join(desk, "scores.csv"), "utf8")
      .trimEnd()
      .split("\r\n")
      .map((line) => line.split(","));
    expect(rows[0]).toEqual(["picture", "method", "metric", "value"]);
    expect(rows).toHaveLength(1 + 2 * 2 * 2);
    for (const [at, { name, metrics }] of first.methods.entries())
      for (const [metric, { values, mean }] of Object.entries(metrics)) {
        const own = rows.filter((row) => row[1] === name && row[2] === metric).map((row) => Number(row[3]));
        expect(own).toEqual(values);
        expect(mean).toBeCloseTo((values[0]! + values[1]!) / 2, 12);
        for (const [picture, value] of second.methods[at]!.metrics[metric]!.values.entries())
          expect(value).toBeCloseTo(values[picture]!, 5);
      }
    expect(first.methods[0]!.metrics.insertion!.curves).toEqual({
      probability: [0, 0.25, 0.5, 0.75, 1].map((share) => [share, expect.any(Number)]),
    });
  });

  test("photos go with masks by name; what has none is not measured unless it was asked for", async () => {
    const words = ["shapes.onnx", "photos/disc.jpg", "--metric", "relevance-mass", "--method", "random"];
    const { methods } = await board(...words, "--masks", "masks");
    const { mean } = methods[0]!.metrics["relevance-mass"]!;
    expect(mean).toBeGreaterThan(0.3);
    expect(mean).toBeLessThan(0.7);
    const without = await board(
      "shapes.onnx",
      "photos/disc.jpg",
      "--method",
      "edges",
      "--set",
      "deletion.steps=2",
    );
    const [edges] = without.methods;
    expect(edges!.metrics.sparseness!.values).toHaveLength(1);
    expect(edges!.metrics["relevance-mass"]).toBeUndefined();
  });

  test.each([
    [
      1,
      ["shapes.onnx", "photos/square.jpg", "--masks", "masks"],
      "masks has no mask for photos/square.jpg; it has disc.png.",
    ],
    [1, ["shapes.onnx", "photos/disc.jpg", "--masks", "nowhere"], "nowhere does not exist; check the path"],
    [
      1,
      ["shapes.onnx", "photos/disc.jpg", "--metric", "pointing-game"],
      "pointing-game needs a mask of where the evidence lies.",
    ],
    [
      1,
      ["shapes.onnx"],
      "The built-in pictures show cat and dog, and shapes.onnx knows disc, square and triangle; name images.",
    ],
    [1, ["pets.onnx", "--method", "grad-cam", "--target", "bird"], 'There is no class "bird"'],
    [
      2,
      ["pets.onnx", "--masks", "masks"],
      "--masks goes with images; the built-in pictures bring their own.",
    ],
    [2, ["pets.onnx", "--metric", "deletions"], 'There is no metric "deletions"; the nearest are deletion, '],
    [
      2,
      ["pets.onnx", "--set", "deletion=3"],
      "--set deletion names no option; it takes NAME.KEY=VALUE, such as deletion.steps=20.",
    ],
    [
      2,
      ["pets.onnx", "--set", "rise.samples=3"],
      "--set rise.samples is for rise, which is not asked for; name it (--method, --metric).",
    ],
    [
      2,
      ["pets.onnx", "--set", "deletion.steps=none"],
      'deletion takes a whole number from 1 for steps, not "none".',
    ],
  ])("ends with %i for %j", async (code, words, message) => {
    const ended = await convscope("score", ...words);
    expect(ended.stderr).toContain(`convscope: ${message}`);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: "" });
  });

  test("a photo that cannot be read does not keep the others from their scores", async () => {
    writeFileSync(
      join(desk, "photos/torn.jpg"),
      readFileSync(join(desk, "photos/disc.jpg")).subarray(0, 200),
    );
    const ended = await convscope(
      "score",
      "shapes.onnx",
      "photos/torn.jpg",
      "photos/disc.jpg",
      "--metric",
      "sparseness",
    );
    expect(ended.stdout).toMatch(/^1 picture; /m);
    expect(ended.stderr).toContain("1 of 2 images could not be read.");
    expect(ended.code).toBe(1);
  });
});
