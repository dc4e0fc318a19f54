import { describe, expect, it } from "vitest";
import { picture } from "../../src/base/picture.ts";
import { float32 } from "../../src/base/tensor.ts";
import { pngDataUri } from "../../src/render/png.ts";
import type { WallInput, WallTile } from "../../src/render/wall.ts";
import { wallPage } from "../../src/report/wall.ts";

const hostile = `<script>alert(1)</script>&"'`;
const encode = async (image: Parameters<typeof pngDataUri>[0]) => pngDataUri(image);

function tile(name: string, seconds: number, extra: Partial<WallTile> = {}): WallTile {
  return {
    ...{ name, title: name, family: "cam", seconds, passes: 2, signed: false, control: false, remarks: [] },
    attribution: float32([2, 2], [0, 1, 2, 3]),
    about: { summary: "Where.", formula: "relu(x)", paper: "Someone 2020", limits: "Coarse." },
    ...extra,
  };
}

const usual: WallInput = {
  ...{ photo: picture(6, 4), name: "rex.jpg", model: "GoogleNet" },
  target: { index: 9, label: "boxer", logit: -3, probability: 0.03 },
  scores: [0.6, 0.3].map((probability, index) => ({ index, label: `class ${index}`, logit: 0, probability })),
  measure: { title: "insertion", summary: "How fast the score rises.", better: "higher" },
  tiles: [
    tile("rise", 9, { family: "perturbation", score: 0.9 }),
    tile("cam", 0.5, { score: 0.5, remarks: ["the map is zero everywhere"] }),
    tile("random", 0.1, { family: "control", control: true, score: 0.1 }),
  ],
  omitted: [{ title: "Attention rollout", reason: "there is no attention" }],
};

describe("wallPage", () => {
  it("has a tile an explanation with picture, map, score, time and what it says of itself", async () => {
    const page = await wallPage(usual, encode);
    // The photo, and two pictures a tile.
    expect(page.match(/<img /g)).toHaveLength(1 + 2 * 3);
    expect(page.match(/<figure class="tile( control)?" id="[a-z]+"/g)).toEqual([
      '<figure class="tile" id="rise"',
      '<figure class="tile" id="cam"',
      '<figure class="tile control" id="random"',
    ]);
    for (const words of ["0.900", "9.0 s · 2 passes", "500 ms", "Someone 2020", "the map is zero everywhere"])
      expect(page).toContain(words);
    expect(page).toMatch(/<b>Attention rollout<\/b>: there is no attention/);
    expect(page).toMatch(/insertion, higher is better/);
    const answers = [
      ...page.matchAll(/<dt( class="target")?><bdi>([^<]*)<.*\n *<dd><i style="width:([\d.]+)%/g),
    ];
    expect(answers.map(([, target, label, share]) => [target !== undefined, label, share])).toEqual([
      [false, "class 0", "100.0"],
      [false, "class 1", "50.0"],
      [true, "boxer", "5.0"],
    ]);
    expect([...page.matchAll(/class="bar"><i style="width:([\d.]+)%/g)].map(([, share]) => share)).toEqual([
      "100.0",
      "50.0",
      "0.0",
    ]);
  });

  it("puts them in the orders that a reader may choose", async () => {
    const page = await wallPage(usual, encode);
    const styles = [...page.matchAll(/<figure [^>]*style="([^"]*)"/g)].map(([, style]) => style);
    expect(styles).toEqual([
      "--time:2;--passes:0;--name:2;--family:1",
      "--time:1;--passes:1;--name:0;--family:6",
      "--time:0;--passes:2;--name:1;--family:11",
    ]);
    const heads = [...page.matchAll(/<h2 class="family" style="order:(\d+)">(\w+)/g)];
    expect(heads.map(([, order, family]) => [order, family])).toEqual([
      ["0", "perturbation"],
      ["4", "cam"],
      ["8", "control"],
    ]);
  });

  it("asks nothing of anyone, whatever names it is given", async () => {
    const tiles = [tile("cam", 1, { title: hostile, layer: hostile, remarks: [hostile] })];
    const target = { index: -1, label: hostile, logit: Number.NaN, probability: Number.NaN, value: 3 };
    const names = { name: hostile, model: hostile, target };
    const page = await wallPage({ ...usual, ...names, tiles, scores: [] }, encode);
    expect(page).toContain("default-src 'none'");
    expect(page.match(/<script|https?:|NaN|undefined|Infinity/)?.[0]).toBeUndefined();
  });
});
