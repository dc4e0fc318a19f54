import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { resizeMap } from "../../src/base/resize.ts";
import { float32 } from "../../src/base/tensor.ts";
import { compileExplanation } from "../../src/explain/compile.ts";
import { type ExplainOptions, explain, explainBatch } from "../../src/explain/explain.ts";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";
import { engine, toy } from "./reference.ts";
import { CHANNELS, logitsOf, mapsOf, PLACES, picture, slopes, smallNetwork } from "./small-network.ts";

const maps = mapsOf(picture.data);
const TARGET = 2;
const scoreOf = (at: readonly number[]): number => logitsOf(at)[TARGET]!;
const gradient = slopes(scoreOf, maps);

const mean = (values: readonly number[]): number => total(values) / values.length;
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const relu = (value: number): number => Math.max(0, value);

/** One number for each channel. */
const perChannel = (of: (channel: number) => number): number[] =>
  Array.from({ length: CHANNELS }, (_, channel) => of(channel));
const channelOf = (values: ArrayLike<number>, channel: number): number[] =>
  Array.from(values).slice(channel * PLACES, (channel + 1) * PLACES);

/** A sum over channels in each place. */
const overChannels = (values: readonly number[]): number[] =>
  Array.from({ length: PLACES }, (_, place) =>
    total(perChannel((channel) => values[channel * PLACES + place]!)),
  );
const weighted = (weights: readonly number[]): number[] =>
  overChannels(maps.map((value, at) => weights[Math.floor(at / PLACES)]! * value));

const rawOf = async (method: string, given: ExplainOptions = {}): Promise<number[]> => {
  const { raw } = await explain(smallNetwork, picture, { method, target: TARGET, layer: "maps", ...given });
  expect(raw.shape).toEqual([2, 3]);
  return [...raw.data];
};

/** Within a millionth of the largest. */
function expectNear(actual: readonly number[], expected: readonly number[]): void {
  const scale = Math.max(...expected.map(Math.abs));
  expect(scale).toBeGreaterThan(1e-3);
  expect(actual.length).toBe(expected.length);
  for (const [at, value] of expected.entries())
    expect(Math.abs(actual[at]! - value), `place ${at}`).toBeLessThan(3e-6 * scale);
}

describe("against their formulas in plain loops", () => {
  test.each<[string, ExplainOptions["options"], () => number[]]>([
    ["grad-cam", {}, () => weighted(perChannel((k) => mean(channelOf(gradient, k))))],
    ["hires-cam", {}, () => overChannels(maps.map((value, at) => value * gradient[at]!))],
    ["layer-cam", {}, () => overChannels(maps.map((value, at) => value * relu(gradient[at]!)))],
    ["grad-cam-elementwise", {}, () => overChannels(maps.map((value, at) => relu(value * gradient[at]!)))],
    ["grad-cam-plus-plus", {}, () => weighted(plusPlus(gradient, squares(gradient), cubes(gradient), 0))],
    [
      "grad-cam-plus-plus",
      { epsilon: 0.01 },
      () => weighted(plusPlus(gradient, squares(gradient), cubes(gradient), 0.01)),
    ],
    [
      "xgrad-cam",
      {},
      () =>
        weighted(
          perChannel((k) => {
            const activation = channelOf(maps, k);
            const slope = channelOf(gradient, k);
            return total(activation.map((value, at) => value * slope[at]!)) / (total(activation) + 1e-7);
          }),
        ),
    ],
    [
      "fem",
      { deviations: 1 },
      () =>
        weighted(
          perChannel((k) => {
            const activation = channelOf(maps, k);
            const deviation = Math.sqrt(mean(activation.map((value) => (value - mean(activation)) ** 2)));
            return activation.filter((value) => value > mean(activation) + deviation).length / PLACES;
          }),
        ),
    ],
    [
      "shapley-cam",
      {},
      () => {
        // H A: how the gradient changes along the maps.
        const [ahead, behind] = [1.001, 0.999].map((share) =>
          slopes(
            scoreOf,
            maps.map((value) => share * value),
          ),
        );
        const curvature = ahead!.map((value, at) => (value - behind![at]!) / 0.002);
        const change = gradient.map((slope, at) => slope - curvature[at]! / 2);
        return weighted(perChannel((k) => mean(channelOf(change, k))));
      },
    ],
    [
      "finer-cam",
      { rivals: 2, strength: 0.6 },
      () => {
        const logits = logitsOf(maps);
        const rivals = [0, 1, 3, 4]
          .sort((a, b) => Math.abs(logits[a]! - logits[TARGET]!) - Math.abs(logits[b]! - logits[TARGET]!))
          .slice(0, 2);
        const lead = slopes((at) => {
          const now = logitsOf(at);
          const shares = rivals.map((rival) => Math.exp(now[rival]!));
          const ahead = rivals.map((rival) => now[TARGET]! - 0.6 * now[rival]!);
          return total(ahead.map((value, i) => shares[i]! * value)) / total(shares);
        }, maps);
        return weighted(perChannel((k) => mean(channelOf(lead, k))));
      },
    ],
    [
      "ablation-cam",
      {},
      () =>
        weighted(
          perChannel(
            (k) => scoreOf(maps) - scoreOf(maps.map((value, at) => (channelAt(at) === k ? 0 : value))),
          ),
        ),
    ],
    [
      "ablation-cam",
      { relative: true },
      () =>
        weighted(
          perChannel(
            (k) => 1 - scoreOf(maps.map((value, at) => (channelAt(at) === k ? 0 : value))) / scoreOf(maps),
          ),
        ),
    ],
    ["score-cam", {}, () => weighted(softmax(perChannel((k) => maskedScore(maskOf(k)))))],
    [
      "faster-score-cam",
      { maps: 2 },
      // The second channel is zero everywhere.
      () => {
        const [first, third] = softmax([0, 2].map((k) => maskedScore(maskOf(k))));
        return weighted([first!, 0, third!]);
      },
    ],
    [
      "is-cam",
      { steps: 4 },
      () =>
        weighted(
          softmax(
            perChannel((k) =>
              mean([0.25, 0.5, 0.75, 1].map((share) => maskedScore(maskOf(k).map((value) => share * value)))),
            ),
          ),
        ),
    ],
    [
      "ss-cam",
      { samples: 3, noise: 0.5 },
      () => {
        const noises = [0, 1, 2].map((sample) => {
          const { normal } = random(0, "ss-cam", "noise", sample);
          return Array.from({ length: 24 }, () => 0.5 * normal());
        });
        return weighted(
          softmax(
            perChannel((k) =>
              mean(noises.map((noise) => maskedScore(maskOf(k).map((value, at) => value + noise[at]!)))),
            ),
          ),
        );
      },
    ],
    [
      "smooth-grad-cam-plus-plus",
      { samples: 3, noise: 0.1 },
      () => {
        const range = Math.max(...picture.data) - Math.min(...picture.data);
        const samples = [0, 1, 2].map((sample) => {
          const { normal } = random(0, "smooth-grad-cam-plus-plus", "noise", sample);
          return slopes(scoreOf, mapsOf(picture.data.map((value) => value + 0.1 * range * normal())));
        });
        const averaged = (power: (values: readonly number[]) => number[]): number[] =>
          maps.map((_, at) => mean(samples.map((slope) => power(slope)[at]!)));
        return weighted(
          plusPlus(
            averaged((slope) => [...slope]),
            averaged(squares),
            averaged(cubes),
            0,
          ),
        );
      },
    ],
  ])("%s %j", async (method, options, expected) => {
    expectNear(await rawOf(method, { options: options! }), expected());
  });

  const channelAt = (at: number): number => Math.floor(at / PLACES);
  const squares = (values: readonly number[]): number[] => values.map((value) => value ** 2);
  const cubes = (values: readonly number[]): number[] => values.map((value) => value ** 3);

  function plusPlus(
    first: readonly number[],
    second: readonly number[],
    third: readonly number[],
    epsilon: number,
  ): number[] {
    return perChannel((k) => {
      const [one, two, three] = [first, second, third].map((values) => channelOf(values, k)) as [
        number[],
        number[],
        number[],
      ];
      const active = total(channelOf(maps, k));
      return total(
        one.map((slope, at) => (relu(slope) * two[at]!) / (2 * two[at]! + active * three[at]! + epsilon)),
      );
    });
  }

  /** A channel enlarged to the picture's size, from 0 to 1. */
  function maskOf(channel: number): number[] {
    const large = [...resizeMap(float32([2, 3], channelOf(maps, channel)), 4, 6).data];
    const [least, most] = [Math.min(...large), Math.max(...large)];
    return large.map((value) => (most > least ? (value - least) / (most - least) : 0));
  }

  const maskedScore = (mask: readonly number[]): number =>
    scoreOf(mapsOf(mask.map((value, at) => value * picture.data[at]!)));

  function softmax(values: readonly number[]): number[] {
    const powers = values.map(Math.exp);
    return powers.map((power) => power / total(powers));
  }
});

describe("principal components (NumPy's decompositions of the same maps)", () => {
  test("Eigen-CAM", async () => {
    const expected = [-0.78020435, -0.67511146, -0.3143756, -0.36620568, 1.99947, 0.13642709];
    expectNear(await rawOf("eigen-cam"), expected);
  });

  test.each([
    ["sigmoid", [-0.33228133, -0.26635332, -0.06637334, -0.09234475, 0.62871208, 0.12864065]],
    ["gaussian", [-0.29065619, -0.29252253, -0.22575382, -0.2263542, 1.05065783, -0.01537111]],
  ] as const)("KPCA-CAM, %s kernel", async (kernel, expected) => {
    expectNear(await rawOf("kpca-cam", { options: { kernel } }), expected);
  });

  test("activation times gradient by its principal component is Eigen-Grad-CAM, whichever way one asks for it", async () => {
    const combined = await rawOf("hires-cam", { options: { combine: "principal-component" } });
    expect(combined).toEqual(await rawOf("eigen-grad-cam"));
    expect(combined).not.toEqual(await rawOf("hires-cam"));
  });

  test("goes with the activations, or the evidence", async () => {
    const product = (a: readonly number[], b: readonly number[]): number =>
      total(a.map((value, at) => value * b[at]!));
    expect(product(await rawOf("eigen-cam"), overChannels(maps))).toBeGreaterThan(0);
    for (const target of [0, 1, 2, 3, 4])
      expect(
        product(await rawOf("eigen-grad-cam", { target }), await rawOf("hires-cam", { target })),
      ).toBeGreaterThan(0);
  });

  test("a map that is the same everywhere has none", async () => {
    const flat = toy([1, 2, 2], (g, x) => {
      const maps = op.relu(g, op.sub(g, x, g.constant(float32([], [5]))));
      return { logits: op.flatten(g, maps), layers: { maps } };
    });
    for (const method of ["eigen-cam", "eigen-grad-cam", "kpca-cam"]) {
      const { raw, warnings } = await explain(flat, float32([1, 2, 2], [1, 2, 3, 4]), {
        method,
        layer: "maps",
      });
      expect([...raw.data]).toEqual([0, 0, 0, 0]);
      expect(warnings).toEqual(["the map is zero everywhere"]);
    }
  });

  test("is part of a compiled explanation", async () => {
    const { graph } = await compileExplanation(smallNetwork, {
      method: "kpca-cam",
      layer: "maps",
      target: TARGET,
    });
    const program = await engine.compile(graph);
    const { raw } = await program.run({ image: picture });
    await program.dispose();
    expect([...(raw!.data as Float32Array)]).toEqual(await rawOf("kpca-cam"));
  });
});

describe("CAM", () => {
  const [H, W, K] = [4, 6, 2];
  const x = float32(
    [1, K, H, W],
    Float32Array.from({ length: K * H * W }, (_, at) => (at * 7) % 11),
  );
  /** The classes are `[2, 3]` and `[−1, 0.5]` times the channels' means. */
  const dense = [2, 3, -1, 0.5];
  const expected = Array.from(
    { length: H * W },
    (_, place) => 2 * x.data[place]! + 3 * x.data[H * W + place]!,
  );

  const network = (means: (g: GraphBuilder, maps: Value) => Value, turn?: readonly number[]) =>
    toy([K, H, W], (g, image) => {
      const plain = op.identity(g, image);
      const maps = turn ? op.transpose(g, plain, turn) : plain;
      const weights = g.initializer("dense", float32([2, 2], dense));
      return { logits: op.gemm(g, means(g, maps), weights, undefined, { transB: true }), layers: { maps } };
    });

  test.each([
    ["a global mean", network((g, maps) => op.flatten(g, op.globalAveragePool(g, maps)))],
    ["a mean over axes", network((g, maps) => op.reduceMean(g, maps, [2, 3]))],
    ["channels last", network((g, maps) => op.reduceMean(g, maps, [1, 2]), [0, 2, 3, 1])],
    [
      "a pool as large as the map, and dropout",
      network((g, maps) => op.dropout(g, op.flatten(g, op.averagePool(g, maps, [H, W])), 0.5)),
    ],
  ])("weighs channels as the dense layer does behind %s", async (_, model) => {
    const [found] = await explainBatch(model, x, { method: "cam", target: 0, layer: "maps" });
    expect([...found!.raw.data]).toEqual(expected.map((value) => expect.closeTo(value, 5)));
  });

  test.each([
    ["no mean", network((g, maps) => op.slice(g, op.flatten(g, maps), [1], [0], [2]))],
    ["a maximum", network((g, maps) => op.reduceMax(g, maps, [2, 3]))],
    [
      "a mean over some places",
      network((g, maps) => op.slice(g, op.flatten(g, op.averagePool(g, maps, [2, 2])), [1], [0], [2])),
    ],
    ["an activation of means", network((g, maps) => op.tanh(g, op.reduceMean(g, maps, [2, 3])))],
    [
      "a second reader",
      network((g, maps) => op.mul(g, op.reduceMean(g, maps, [2, 3]), op.reduceMax(g, maps, [2, 3]))),
    ],
  ])("refuses %s behind the layer", async (_, model) => {
    await expect(explainBatch(model, x, { method: "cam", target: 0, layer: "maps" })).rejects.toThrow(
      'CAM needs a layer that only the mean over its places and one dense layer follow, and "maps" is none; grad-cam needs neither.',
    );
  });
});

describe("bad input", () => {
  test("KPCA-CAM says how many places are too many", async () => {
    const large = toy([1, 33, 32], (g, x) => {
      const maps = op.relu(g, x);
      return { logits: op.reduceMean(g, maps, [2, 3]), layers: { maps } };
    });
    await expect(
      explain(large, float32([1, 33, 32], new Float32Array(33 * 32)), { method: "kpca-cam", layer: "maps" }),
    ).rejects.toThrow(
      'KPCA-CAM compares every two places, and the layer "maps" has 1056; choose a layer with at most 1024.',
    );
  });

  test("Finer-CAM needs other classes", async () => {
    await expect(rawOf("finer-cam", { of: "maps", channel: 0 })).rejects.toThrow(
      "Finer-CAM compares a class with others, and what is explained has no others beside it; grad-cam needs none.",
    );
  });
});

test("Ablation-CAM leaves what passes the layer by as it is", async () => {
  const model = toy([2, 1, 2], (g, x) => {
    const maps = op.relu(g, x);
    return { logits: op.reduceSum(g, op.mul(g, maps, x), [2, 3]), layers: { maps } };
  });
  const input = float32([2, 1, 2], [1, 2, 3, -4]);
  // The first logit is 1 + 4 by the first channel, the second 9.
  const [first, second] = [0, 1].map((target) =>
    explain(model, input, { method: "ablation-cam", target, layer: "maps" }),
  );
  expect([...(await first!).raw.data]).toEqual([5, 10]);
  expect([...(await second!).raw.data]).toEqual([27, 0]);
});

test("grad-cam of four maps (Xplique's weights 1, 0.5, 0.375, 0.125)", async () => {
  // Of each map as many of eight places as are 1 count; a place of its own shows each weight.
  const counts = [8, 4, 3, 1];
  const model = toy([4, 2, 4], (g, x) => {
    const maps = op.identity(g, x);
    const counted = Float32Array.from({ length: 32 }, (_, at) =>
      at % 8 < counts[Math.floor(at / 8)]! ? 1 : 0,
    );
    const dense = g.initializer("dense", float32([1, 32], counted));
    return { logits: op.gemm(g, op.flatten(g, maps), dense, undefined, { transB: true }), layers: { maps } };
  });
  const input = Float32Array.from({ length: 32 }, (_, at) => (at % 8 === Math.floor(at / 8) ? 1 : 0));
  const { raw } = await explain(model, float32([4, 2, 4], input), { layer: "maps" });
  expect([...raw.data]).toEqual([1, 0.5, 0.375, 0.125, 0, 0, 0, 0]);
});
