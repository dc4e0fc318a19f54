import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { convscope, desk, jsonLines } from "./convscope.ts";
import { shapePhoto } from "./photos.ts";

beforeAll(async () => {
  const network = smallConvnet({ classes: ["disc", "square"], size: 32, filters: [8, 8], units: 16 });
  writeFileSync(join(desk, "pair.onnx"), writeOnnx(network.graph));
  await shapePhoto("disc", 0).png().toFile(join(desk, "wall.png"));
});

interface Told {
  readonly methods: readonly {
    readonly name: string;
    readonly score: number;
    readonly control: boolean;
    readonly passes: number;
  }[];
  readonly omitted: readonly { readonly title: string; readonly reason: string }[];
  readonly files: readonly string[];
}

describe("compare", () => {
  test("lays methods and controls on one page, the best first; one that does not go with the network is left out", async () => {
    const methods = "grad-cam,saliency,attention-rollout";
    const { stdout, stderr, code } = await convscope(
      "compare",
      "pair.onnx",
      "wall.png",
      "--method",
      methods,
      "--json",
    );
    expect(code, stderr).toBe(0);
    const [told] = jsonLines<Told>(stdout);
    const names = told!.methods.map(({ name }) => name);
    expect(names.toSorted()).toEqual(["edges", "grad-cam", "random", "saliency", "shuffled-weights"]);
    const scores = told!.methods.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(told!.methods.filter(({ control }) => control)).toHaveLength(3);
    expect(told!.omitted).toMatchObject([{ title: "Attention rollout" }]);
    expect(told!.files).toEqual(["wall.compare.png", "wall.compare.html"]);
    for (const file of told!.files) expect(existsSync(join(desk, file))).toBe(true);
    const page = readFileSync(join(desk, "wall.compare.html"), "utf8");
    for (const title of ["Grad-CAM", "Saliency", "Edges"]) expect(page).toContain(title);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  test("a family by another measure, as a table", async () => {
    const { stdout, stderr, code } = await convscope(
      ...[
        "compare",
        "pair.onnx",
        "wall.png",
        "--family",
        "control",
        "--metric",
        "deletion",
        "--out",
        "walls",
      ],
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/by 3 methods; Deletion, lower is better/);
    expect(stdout).toMatch(/Edges \(control\)/);
    expect(existsSync(join(desk, "walls/wall.compare.html"))).toBe(true);
  });

  test.each([
    [["--family", "magic"], 'There is no family "magic"; the families are cam'],
    [["--method", "magic"], 'There is no method "magic"'],
    [["--target", "horse"], 'There is no class "horse"'],
  ])("%j is refused in a sentence", async (words, message) => {
    const { stderr, code } = await convscope("compare", "pair.onnx", "wall.png", ...words);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});
