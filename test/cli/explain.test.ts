import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { float32, int64 } from "../../src/base/tensor.ts";
import { readNpy, writeNpy } from "../../src/formats/npy.ts";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { convscope, desk, jsonLines } from "./convscope.ts";
import { shapePhoto } from "./photos.ts";

interface Told {
  readonly files: readonly string[];
  readonly target: { readonly label: string; readonly value?: number };
  readonly logits: readonly { readonly label: string; readonly logit: number }[];
  readonly layer?: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly checks: Readonly<Record<string, number>>;
  readonly passes: { readonly forward: number };
}

beforeAll(async () => {
  const network = smallConvnet({ classes: ["disc", "square", "star"], size: 32, filters: [8, 8], units: 16 });
  writeFileSync(join(desk, "three.onnx"), writeOnnx(network.graph));
  await shapePhoto("disc", 0).png().toFile(join(desk, "round.png"));
});

const told = async (...words: string[]): Promise<Told[]> => {
  const { stdout, stderr, code } = await convscope("explain", "three.onnx", "round.png", "--json", ...words);
  expect(code, stderr).toBe(0);
  return jsonLines<Told>(stdout);
};

const refused = async (...words: string[]): Promise<string> => {
  const { stderr, code } = await convscope("explain", "three.onnx", "round.png", ...words);
  expect(code).not.toBe(0);
  return stderr;
};

const raw = ({ files }: Told): Float32Array =>
  readNpy(readFileSync(join(desk, files.find((file) => file.endsWith(".npy"))!)), "raw").data as Float32Array;

describe("what is explained", () => {
  test("several classes, the most probable ones, or all of them, a file each", async () => {
    const named = await told("--target", "star", "--target", "0");
    expect(named.map(({ target }) => target.label)).toEqual(["star", "disc"]);
    expect(named[0]!.files[0]).toBe("round.grad-cam.star.png");
    const ranked = named[0]!.logits.toSorted((a, b) => b.logit - a.logit).map(({ label }) => label);
    expect((await told("--target", "top-2")).map(({ target }) => target.label)).toEqual(ranked.slice(0, 2));
    expect(await told("--target", "all")).toHaveLength(3);
  });

  test("the difference of two classes is the difference of their maps", async () => {
    const method = ["--method", "input-x-gradient", "--raw"];
    const [star, disc] = await told(...method, "--target", "star", "--target", "disc", "--out", "apart");
    const [both] = await told(...method, "--target", "star", "--against", "disc", "--out", "together");
    expect(both!.target.label).toBe("star, not disc");
    const logit = (label: string): number => both!.logits.find((one) => one.label === label)!.logit;
    expect(both!.target.value).toBeCloseTo(logit("star") - logit("disc"), 5);
    const [plus, minus, difference] = [star!, disc!, both!].map(raw) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    for (const [at, value] of difference.entries()) expect(value).toBeCloseTo(plus[at]! - minus[at]!, 6);
  });

  test("a channel of a layer at one place", async () => {
    const [one] = await told(
      "--method",
      "saliency",
      "--of",
      "conv2d",
      "--channel",
      "3",
      "--position",
      "10,12",
      "--raw",
    );
    expect(one!.target.label).toBe("conv2d, channel 3, at 10,12");
    // A 3×3 convolution sees the nine pixels around it.
    const seen = [...raw(one!).entries()].filter(([, value]) => value !== 0).map(([at]) => at % 1024);
    for (const at of seen) {
      expect(Math.floor(at / 32)).toBeGreaterThanOrEqual(10);
      expect(Math.floor(at / 32)).toBeLessThanOrEqual(12);
      expect(at % 32).toBeGreaterThanOrEqual(12);
      expect(at % 32).toBeLessThanOrEqual(14);
    }
  });

  test("a probability near 1 comes with a warning", async () => {
    const graph = smallConvnet({
      classes: ["disc", "square", "star"],
      size: 32,
      filters: [8, 8],
      units: 16,
    }).graph;
    const bias = [...graph.initializers.keys()].findLast((name) => name.endsWith("bias"))!;
    const { shape } = graph.initializers.get(bias)!;
    const certain = new Uint8Array(float32(shape, [20, 0, 0]).data.buffer);
    const initializers = new Map(graph.initializers).set(bias, {
      name: bias,
      dtype: "float32",
      shape,
      bytes: certain,
    });
    writeFileSync(join(desk, "certain.onnx"), writeOnnx({ ...graph, initializers }));
    const { stderr } = await convscope("explain", "certain.onnx", "round.png", "--score", "probability");
    expect(stderr).toMatch(
      /its probability is 1\.0000, where it hardly changes with the picture; explain the logit/,
    );
  });
});

describe("how it is explained", () => {
  test("options of the method, the same numbers whatever a run may take", async () => {
    const method = ["--method", "smoothgrad", "--set", "samples=6", "--set", "noise=0.2", "--raw"];
    const [one] = await told(...method, "--out", "one", "--batch", "1");
    const [more] = await told(...method, "--out", "more", "--batch", "4", "--memory", "200MB");
    expect(one!.options).toMatchObject({ samples: 6, noise: 0.2 });
    expect(one!.passes.forward).toBe(7);
    const [a, b] = [raw(one!), raw(more!)];
    for (const [at, value] of a.entries()) expect(b[at]).toBeCloseTo(value, 6);
  });

  test("a mask from a file", async () => {
    const halves = int64(
      [32, 32],
      Array.from({ length: 1024 }, (_, at) => Number(at % 32 >= 16)),
    );
    writeFileSync(join(desk, "halves.npy"), writeNpy(halves));
    const [one] = await told("--method", "feature-ablation", "--set", "mask=halves.npy", "--raw");
    expect(new Set(raw(one!)).size).toBe(2);
  });

  test("maps of several layers become one, and so do those of views", async () => {
    const [fused] = await told("--layer", "conv2d", "--layer", "conv2d_1", "--fuse", "product");
    expect(fused!.layer).toBe("conv2d + conv2d_1");
    const [smooth] = await told("--augment");
    expect(smooth!.passes.forward).toBe(7);
  });

  test("as another library does it", async () => {
    const [ours] = await told("--method", "integrated-gradients");
    const [theirs] = await told("--method", "integrated-gradients", "--convention", "captum");
    expect(theirs!.options).toMatchObject({ rule: "gauss-legendre", steps: 50 });
    expect(Math.abs(ours!.checks.completeness!)).toBeLessThan(0.01);
  });

  test.each([
    [["--set", "steps=20"], 'grad-cam has no option "steps"'],
    [["--method", "smoothgrad", "--set", "samples=0"], "smoothgrad takes a whole number from 1 for samples"],
    [["--method", "occlusion", "--set", "baseline=none.npy"], "none.npy cannot be read"],
    [
      ["--method", "saliency", "--layer", "conv2d"],
      "saliency explains at the network's input; leave the layer out.",
    ],
    [["--layer", "dense"], "has no spatial extent; those that have are"],
    [["--channel", "1"], "--channel and --position need --of"],
    [["--of", "conv2d", "--target", "disc"], "give one of them"],
    [["--of", "conv2d_1", "--channel", "8"], "has 8 channels; there is no channel 8"],
    [["--of", "conv2d"], 'No layer with places comes before "conv2d"'],
    [["--target", "disc", "--against", "disc"], "cannot be held against itself"],
    [["--memory", "much"], "It takes an amount of memory, such as 500MB or 1GB."],
    [["--method", "attention-rollout"], "attention"],
  ])("%j is refused in a sentence", async (words, message) => {
    expect(await refused(...words)).toContain(message);
  });
});
