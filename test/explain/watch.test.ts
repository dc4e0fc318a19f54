import { afterAll, describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { picture } from "../../src/base/picture.ts";
import { random } from "../../src/base/random.ts";
import { float32, type Tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { explain } from "../../src/explain/explain.ts";
import { watch } from "../../src/explain/watch.ts";
import { initializerTensor } from "../../src/graph/graph.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import type { Model } from "../../src/model/model.ts";
import { closeModel } from "../../src/model/programs.ts";
import { withWeights } from "../../src/train/weights.ts";

const engine = nodeEngine({ threads: 2 });
const classes = ["cat", "dog", "cow"];
const build = (seed: number): Model => ({
  ...smallConvnet({ classes, size: 40, filters: [6, 8], units: 8, seed }),
  source: "memory",
  engine,
});
const model = build(1);
const models: Model[] = [model];
afterAll(() => Promise.all(models.map(closeModel)));

const photo = (seed: number) => {
  const source = random(seed, "photo");
  return picture(
    40,
    40,
    Uint8Array.from({ length: 4800 }, () => source.below(256)),
  );
};
const pictures = [
  { picture: photo(0), target: "dog" },
  { picture: photo(1), target: 2 },
  { picture: photo(2) },
];

/** Weights of the layers whose name begins so, of a network that was drawn with another seed. */
function weightsOf(seed: number, beginning = ""): Map<string, Tensor<"float32">> {
  const { graph, layers } = build(seed);
  const names = layers.flatMap(({ parameters }) => parameters).filter((name) => name.startsWith(beginning));
  return new Map(
    names.map((name) => [name, initializerTensor(graph.initializers.get(name)!) as Tensor<"float32">]),
  );
}

/** What `explain` says of the pictures with these weights. */
async function expected(weights: ReadonlyMap<string, Tensor<"float32">>) {
  const changed = withWeights(model, weights);
  models.push(changed);
  return Promise.all(pictures.map(({ picture, ...target }) => explain(changed, picture, target)));
}

describe("pictures watched while weights change", () => {
  test.each(["", "dense"])("have the explanations of a network with those weights: %s", async (beginning) => {
    const watched = watch(model, pictures);
    const favourites = new Set<string>();
    for (const seed of [2, 3, 4]) {
      const weights = weightsOf(seed, beginning);
      const found = await watched.look(weights);
      for (const [at, { raw, target, scores, layer }] of (await expected(weights)).entries()) {
        const scale = Math.max(...raw.data.map(Math.abs));
        expect(found[at]!.raw.shape).toEqual(raw.shape);
        for (const [i, value] of found[at]!.raw.data.entries())
          expect(Math.abs(value - raw.data[i]!)).toBeLessThan(1e-5 * scale);
        expect(found[at]!.target.label).toBe(target.label);
        expect(found[at]!.layer).toBe(layer);
        for (const [index, { probability }] of scores.entries())
          expect(found[at]!.scores[index]!.probability).toBeCloseTo(probability, 6);
      }
      favourites.add(found[2]!.target.label);
    }
    await watched.dispose();
    // Otherwise the third would show nothing of "top".
    expect(favourites.size).toBeGreaterThan(1);
  });

  test("have the same bits whenever the weights are the same, whoever is watched beside them", async () => {
    const [all, one] = [watch(model, pictures), watch(model, pictures.slice(1, 2))];
    const weights = weightsOf(2);
    const [first] = [await all.look(weights), await all.look(weightsOf(3))];
    expect(await all.look(weights)).toEqual(first);
    expect(await one.look(weights)).toEqual(first.slice(1, 2));
    // Also after it was let go.
    await all.dispose();
    expect(await all.look(weights)).toEqual(first);
    await Promise.all([all.dispose(), one.dispose()]);
  });

  test("may see other weights change, and take no notice of what are none of the network's", async () => {
    const watched = watch(model, pictures);
    const own = await watched.look(new Map());
    const slots = new Map([["conv2d/kernel/velocity", float32([1], [7])]]);
    expect(await watched.look(slots)).toEqual(own);
    const found = await watched.look(weightsOf(2, "dense"));
    expect(found[0]!.raw).not.toEqual(own[0]!.raw);
    expect(await watched.look(new Map())).toEqual(own);
    await watched.dispose();
  });

  test("are refused where class, layer or method does not exist", () => {
    const [{ picture: any }] = pictures as [(typeof pictures)[0]];
    expect(() => watch(model, [{ picture: any, target: "fox" }])).toThrow(
      new UserError('There is no class "fox"; the classes are cat (0), dog (1) and cow (2).'),
    );
    expect(() => watch(model, pictures, { layer: "dense" })).toThrow(/has no spatial extent/);
    expect(() => watch(model, pictures, { method: "x" })).toThrow(/^There is no method "x"/);
  });
});
