import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { picture } from "../../src/base/picture.ts";
import { random } from "../../src/base/random.ts";
import { float32 } from "../../src/base/tensor.ts";
import { calibration } from "../../src/evaluate/calibration.ts";
import { tally } from "../../src/evaluate/evaluate.ts";
import { rankings } from "../../src/evaluate/ranking.ts";
import { activationGrid } from "../../src/render/activation-grid.ts";
import { activationsFigure } from "../../src/render/figures/activations.ts";
import { confusionFigure } from "../../src/render/figures/confusion.ts";
import { curvesFigure, type EpochRow } from "../../src/render/figures/curves.ts";
import { explanationFigure } from "../../src/render/figures/explanation.ts";
import { learningRatesFigure } from "../../src/render/figures/learning-rates.ts";
import { mistakesFigure } from "../../src/render/figures/mistakes.ts";
import { precisionRecallFigure } from "../../src/render/figures/precision-recall.ts";
import { reliabilityFigure } from "../../src/render/figures/reliability.ts";
import { rocFigure } from "../../src/render/figures/roc.ts";
import { runsFigure } from "../../src/render/figures/runs.ts";
import { sheetFigure } from "../../src/render/figures/sheet.ts";
import { timeLapseFigure } from "../../src/render/figures/time-lapse.ts";
import { valuesFigure } from "../../src/render/figures/values.ts";
import { wallFigure } from "../../src/render/figures/wall.ts";
import { readFonts } from "../../src/render/font.node.ts";
import { rasterize } from "../../src/render/raster.node.ts";
import type { WallInput } from "../../src/render/wall.ts";
import { judged } from "../evaluate/judged.ts";

const fonts = await readFonts();
const hostile = `<script>alert(1)</script>&"'\u0000`;
const endless = "endless ".repeat(125);

const source = random(9);
const noise = (width: number, height: number): ReturnType<typeof picture> =>
  picture(
    width,
    height,
    Uint8Array.from({ length: 3 * width * height }, () => source.below(256)),
  );
const map = (height: number, width: number): ReturnType<typeof float32> =>
  float32(
    [height, width],
    Float32Array.from({ length: height * width }, () => source.next() / 40),
  );
const zero = float32([15, 15], new Float32Array(225));

function epochs(count: number): EpochRow[] {
  return Array.from({ length: count }, (_, i) => ({
    epoch: i + 1,
    train: { loss: 0.7 / (i + 1), accuracy: 1 - 0.4 / (i + 1) },
    validation: { loss: 0.5 + source.next() / 10, accuracy: 0.8 + source.next() / 10 },
  }));
}

/** Runs of a few epochs more each. */
function runs(count: number, name = "run"): Parameters<typeof runsFigure>[0] {
  return {
    runs: Array.from({ length: count }, (_, i) => ({
      name: `${name} ${i}`,
      epochs: epochs(3 * i + 1).map(({ epoch, validation }) => ({ epoch, validation: validation! })),
    })),
  };
}

function confusion(classes: readonly string[]): Parameters<typeof confusionFigure>[0] {
  return { classes, counts: classes.map((_, i) => classes.map((_, j) => (i === j ? 90 : (i + j) % 3))) };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `class ${i}`);

function explanation(extra: Partial<Parameters<typeof explanationFigure>[0]>): string {
  const usual = {
    photo: noise(60, 40),
    attribution: map(7, 7),
    label: "dog",
    probability: 0.972,
    method: "Grad-CAM",
  };
  return explanationFigure({ ...usual, layer: "conv2d_3", name: "rex.jpg", ...extra }, fonts);
}

/** Explanations, every third of which is signed, every fourth a control, every fifth empty. */
function wallInput(count: number, extra: Partial<WallInput> = {}, title = "Grad-CAM"): WallInput {
  const tiles = Array.from({ length: count }, (_, i) => ({
    ...{ name: `method-${i}`, title: `${title} ${i}`, family: "cam", layer: title },
    ...{ seconds: 0.04 * 3 ** i, passes: i + 1, score: i === 3 ? Number.NaN : 1 - i / 7 },
    attribution: i % 5 === 4 ? zero : map(7, 7),
    ...{ signed: i % 3 === 2, control: i % 4 === 3 },
    remarks: i % 5 === 4 ? ["the map is zero everywhere"] : [],
    about: { summary: "", formula: "", paper: "", limits: "" },
  }));
  const scores = [0.6, 0.3, 0.1].map((probability, index) => {
    return { index, label: `${title} ${index}`, logit: -index, probability };
  });
  const measure = { title: "deletion", summary: "How fast the score falls.", better: "lower" } as const;
  const usual = { photo: noise(60, 40), name: "rex.jpg", model: "GoogleNet", target: scores[1]!, scores };
  return { ...usual, measure, tiles, omitted: [], ...extra };
}

const wall = (...input: Parameters<typeof wallInput>): string => wallFigure(wallInput(...input), fonts);

function mistakes(count: number, name = "cats/cat.7.jpg"): string {
  const usual = {
    photo: noise(30, 40),
    attribution: map(7, 7),
    predicted: "dog",
    truth: "cat",
    probability: 0.97,
  };
  return mistakesFigure(
    {
      method: "Grad-CAM, layer conv2d_3",
      mistakes: Array.from({ length: count }, () => ({ ...usual, name })),
    },
    fonts,
  );
}

/** Photos watched for some epochs, in which the heatmaps grow from nothing. */
function timeLapse(photos: number, epochs: number, name = "cat"): Parameters<typeof timeLapseFigure>[0] {
  return {
    method: "Grad-CAM, layer conv2d_3",
    best: epochs - 2,
    photos: Array.from({ length: photos }, () => ({
      ...{ photo: noise(40, 30), label: name, name },
      moments: Array.from({ length: epochs }, (_, epoch) => {
        const { data } = map(7, 7);
        const attribution = float32(
          [7, 7],
          data.map((value) => epoch * value),
        );
        return { epoch, attribution, probability: epoch / epochs };
      }),
    })),
  };
}

function activations(channels: number, size: number, layer = "conv2d_1"): string {
  const values = Float32Array.from({ length: channels * size * size }, () => source.normal());
  values.fill(0, 0, size * size);
  return activationsFigure({ layer, grid: activationGrid(float32([channels, size, size], values)) }, fonts);
}

/** What a mediocre network says of `each` pictures of each class. */
function evaluation(classes: number, each: number): ReturnType<typeof tally> {
  const judgements = Array.from({ length: classes * each }, (_, i) => {
    const label = i % classes;
    return judged(
      label,
      Array.from({ length: classes }, (_, k) => 2 * source.normal() + (k === label ? 2 : 0)),
    );
  });
  return tally(judgements, classes);
}

function ranked(classes: readonly string[], each: number, split?: string): Parameters<typeof rocFigure>[0] {
  return { classes, rankings: rankings(evaluation(classes.length, each)), ...(split ? { split } : {}) };
}

/** What is true and what was said, near each other. */
function values(count: number, scale = 1): Parameters<typeof valuesFigure>[0] {
  const points = Array.from({ length: count }, (_, at) => ({
    truth: scale * Math.sin(at),
    value: scale * (Math.sin(at) + source.normal() / 5),
  }));
  return { name: "height", points, mae: 0.16 * scale, r2: 0.93 };
}

/** A loss that falls, and runs away in the end. */
function trials(count: number): Parameters<typeof learningRatesFigure>[0]["trials"] {
  return Array.from({ length: count }, (_, at) => {
    const smoothed = at < 60 ? 0.7 - at / 200 : 0.4 + 2 ** (at - 60);
    return { rate: 1e-7 * 10 ** (at / 14), smoothed, loss: smoothed + source.next() / 10 };
  });
}

const figures: Record<string, () => string> = {
  "curves of no epoch": () => curvesFigure({ epochs: [] }, fonts),
  "curves of 1 epoch": () => curvesFigure({ epochs: epochs(1), best: 1 }, fonts),
  "curves of 7 epochs": () => curvesFigure({ epochs: epochs(7), best: 7 }, fonts),
  "curves of 100 epochs": () => curvesFigure({ epochs: epochs(100), best: 1 }, fonts),
  "curves of fine-tuning": () =>
    curvesFigure({ epochs: epochs(9).map((row) => ({ ...row, fineTuning: row.epoch > 8 })), best: 8 }, fonts),
  "curves of huge losses": () =>
    curvesFigure(
      { epochs: epochs(3).map((row) => ({ ...row, train: { loss: 1e30, accuracy: 0 } })), best: 3 },
      fonts,
    ),
  "curves of NaN": () =>
    curvesFigure(
      { epochs: [1, 2].map((epoch) => ({ epoch, train: { loss: Number.NaN, accuracy: 0.5 } })), best: 2 },
      fonts,
    ),
  "confusion of 2": () => confusionFigure(confusion(["cats", "dogs"]), fonts),
  "confusion of 10": () => confusionFigure(confusion(names(10)), fonts),
  "confusion of 30": () => confusionFigure(confusion(names(30)), fonts),
  "confusion of 200": () => confusionFigure(confusion(names(200)), fonts),
  "confusion of an empty class": () =>
    confusionFigure(
      {
        classes: ["a", "b"],
        counts: [
          [0, 0],
          [0, 0],
        ],
      },
      fonts,
    ),
  "confusion of hostile names": () =>
    confusionFigure({ ...confusion([hostile, "猫"]), split: hostile }, fonts),
  "confusion of endless names": () =>
    confusionFigure({ ...confusion([endless, endless]), split: endless }, fonts),
  "ROC of 2": () => rocFigure(ranked(["cats", "dogs"], 500), fonts),
  "ROC of 3": () => rocFigure(ranked(names(3), 50), fonts),
  "ROC of 30": () => rocFigure(ranked(names(30), 9), fonts),
  "ROC of nothing": () => rocFigure(ranked(names(3), 0), fonts),
  "ROC of hostile names": () => rocFigure(ranked([hostile, "猫"], 9, hostile), fonts),
  "ROC of endless names": () => rocFigure(ranked([endless, endless], 9, endless), fonts),
  "precision and recall of 2": () => precisionRecallFigure(ranked(["cats", "dogs"], 500), fonts),
  "precision and recall of 30": () => precisionRecallFigure(ranked(names(30), 9), fonts),
  "precision and recall of nothing": () => precisionRecallFigure(ranked(names(2), 0), fonts),
  "precision and recall of endless names": () =>
    precisionRecallFigure(ranked([endless, hostile], 9, endless), fonts),
  "ROC of labels": () => rocFigure({ ...ranked(names(2), 9), overlapping: true }, fonts),
  "values of 300": () => valuesFigure(values(300), fonts),
  "values of one": () => valuesFigure(values(1), fonts),
  "values of nothing": () => valuesFigure({ ...values(0), mae: Number.NaN, r2: Number.NaN }, fonts),
  "values of millions": () => valuesFigure(values(9, 3e7), fonts),
  "values of a hostile name": () => valuesFigure({ ...values(3), name: hostile, split: endless }, fonts),
  "reliability of 2": () => reliabilityFigure({ calibration: calibration(evaluation(2, 500)) }, fonts),
  "reliability of 10": () =>
    reliabilityFigure({ calibration: calibration(evaluation(10, 9)), split: endless }, fonts),
  "reliability of nothing": () => reliabilityFigure({ calibration: calibration(tally([], 2)) }, fonts),
  explanation: () => explanation({}),
  "explanation of a zero map": () => explanation({ attribution: zero }),
  "explanation of a signed map": () => explanation({ colormap: "RdBu", attribution: map(40, 60) }),
  "explanation of a tall photo": () => explanation({ photo: noise(3, 900) }),
  "explanation with hostile names": () => explanation({ label: hostile, layer: hostile, name: hostile }),
  "explanation with endless names": () => explanation({ label: endless, layer: endless, name: endless }),
  "explanation by every rendering": () =>
    explanation({
      ...{ renderings: ["heatmap", "overlay", "masked", "contour"], interpolation: "bilinear" },
      ...{ attribution: map(40, 60), clip: 5, opacity: 0.5, unit: endless, remarks: [endless, hostile] },
    }),
  "explanation of no class": () =>
    explanation({ label: "conv2d_1, channel 5", probability: Number.NaN, value: 3 }),
  "wall of nothing": () => wall(0, { omitted: [{ title: endless, reason: hostile }] }),
  "wall of 3": () => wall(3),
  "wall of 20": () => wall(20),
  "wall without scores, of a tall photo": () => wall(5, { photo: noise(3, 300), scores: [] }),
  "wall of a value": () =>
    wall(3, {
      target: { index: 0, label: "height", logit: 1, probability: Number.NaN, value: 3 },
      scores: [],
    }),
  "wall of hostile names": () => wall(4, { name: hostile, model: hostile }, hostile),
  "wall of endless names": () => wall(5, { name: endless, model: endless }, endless),
  "sheet of nothing": () => sheetFigure([], fonts),
  "sheet of 3 photos by 5 methods": () =>
    sheetFigure([wallInput(5), wallInput(3), wallInput(5, { photo: noise(3, 300) })], fonts),
  "sheet of hostile names": () =>
    sheetFigure([wallInput(2, { name: hostile, model: hostile }, hostile)], fonts),
  "sheet of endless names": () =>
    sheetFigure([wallInput(2, { name: endless, model: endless }, endless)], fonts),
  "learning rates": () => learningRatesFigure({ trials: trials(100), highest: 1e-3, suggested: 1e-4 }, fonts),
  "learning rates, one": () =>
    learningRatesFigure({ trials: trials(1), highest: 1e-7, suggested: 1e-8 }, fonts),
  "runs, 2": () => runsFigure(runs(2), fonts),
  "runs, 8": () => runsFigure(runs(8), fonts),
  "runs without an epoch": () =>
    runsFigure({ runs: ["a", "b"].map((name) => ({ name, epochs: [] })) }, fonts),
  "runs of NaN and huge losses": () =>
    runsFigure(
      {
        runs: [Number.NaN, 1e30].map((loss) => ({
          name: "a",
          epochs: [{ epoch: 1, validation: { loss, accuracy: Number.NaN } }],
        })),
      },
      fonts,
    ),
  "runs with hostile names": () => runsFigure(runs(3, hostile), fonts),
  "runs with endless names": () => runsFigure(runs(3, endless), fonts),
  "time-lapse of nothing": () => timeLapseFigure(timeLapse(0, 1), fonts),
  "time-lapse of an untrained network": () => timeLapseFigure(timeLapse(1, 1), fonts),
  "time-lapse of 4 epochs": () => timeLapseFigure(timeLapse(4, 4), fonts),
  "time-lapse of 51 epochs": () => timeLapseFigure(timeLapse(2, 51), fonts),
  "time-lapse of signed maps": () => timeLapseFigure({ ...timeLapse(1, 2), colormap: "RdBu" }, fonts),
  "time-lapse of hostile names": () => timeLapseFigure(timeLapse(1, 3, hostile), fonts),
  "time-lapse of endless names": () => timeLapseFigure(timeLapse(1, 3, endless), fonts),
  "no mistakes": () => mistakes(0),
  "4 mistakes": () => mistakes(4),
  "mistakes with hostile names": () => mistakes(1, hostile),
  "mistakes with endless names": () => mistakes(1, endless),
  "activations of 3 channels": () => activations(3, 7),
  "activations of 20 channels": () => activations(20, 33, endless),
  "activations of 32 channels": () => activations(32, 148, hostile),
};

describe.each(Object.entries(figures))("%s", (_, draw) => {
  const svg = draw();
  const words = svg.replace(/href="data:image[^"]*"/g, "");

  it("is well-formed, of the size it says, and keeps its margins white", async () => {
    const [, width, height] = svg
      .match(/^<svg [^>]*?width="(\d+)" height="(\d+)" viewBox="0 0 \1 \2"/)!
      .map(Number);
    const png = await sharp(await rasterize(svg, 1))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([png.info.width, png.info.height]).toEqual([width, height]);
    let inMargin = 0;
    png.data.forEach((value, i) => {
      const [x, y] = [Math.floor(i / 3) % width!, Math.floor(i / 3 / width!)];
      if (value < 250 && (x < 14 || y < 14 || x >= width! - 14 || y >= height! - 14)) inMargin++;
    });
    expect(inMargin).toBe(0);
  });

  it("has a title, no script, and no value that is none", () => {
    expect(/<title>[^<]+<\/title><desc>[^<]+<\/desc>/.test(words)).toBe(true);
    expect(words.match(/<script|NaN|undefined|Infinity/)?.[0]).toBeUndefined();
  });
});

describe("what figures say", () => {
  const description = (svg: string): string => svg.match(/<desc>(.*?)<\/desc>/)![1]!;
  const title = (svg: string): string => svg.match(/<title>(.*?)<\/title>/)![1]!;

  it("curves: the best epoch and its validation scores", () => {
    const [first, second] = epochs(2);
    const best = { ...second!, validation: { loss: 0.41234, accuracy: 0.8337 } };
    expect(description(curvesFigure({ epochs: [first!, best], best: 2 }, fonts))).toBe(
      "2 epochs · best epoch 2: validation loss 0.412, accuracy 83.4%",
    );
    expect(
      description(curvesFigure({ epochs: [{ epoch: 1, train: best.validation }], best: 1 }, fonts)),
    ).toBe("1 epoch · best epoch 1: train loss 0.412, accuracy 83.4%");
  });

  it("confusion: how many are right", () => {
    const input = {
      classes: ["cats", "dogs"],
      counts: [
        [462, 38],
        [25, 474],
      ],
      split: "validation",
    };
    const svg = confusionFigure(input, fonts);
    expect([title(svg), description(svg)]).toEqual([
      "Confusion matrix, validation",
      "936 of 999 pictures right, 93.7%",
    ]);
  });

  it("ROC, precision and recall: their areas", () => {
    const two = {
      classes: ["cats", "dogs"],
      rankings: rankings(tally([judged(0, [1]), judged(0, [4]), judged(1, [3.5]), judged(1, [8])], 2)),
      split: "test",
    };
    const [roc, steps] = [rocFigure(two, fonts), precisionRecallFigure(two, fonts)];
    expect([title(roc), description(roc)]).toEqual([
      "ROC, test",
      "area under the curve 0.750; by chance 0.500",
    ]);
    // (1 · 1/2 + 2/3 · 1/2) of the dogs and the same of the cats.
    expect([title(steps), description(steps)]).toEqual([
      "Precision and recall, test",
      "2 classes, mean average precision 0.833",
    ]);
    // The square is 380 px wide, its lower left corner at 76, 472.
    expect(roc).toContain(' d="M76.00 472.00L76.00 282.00L266.00 282.00L266.00 92.00L456.00 92.00"');
    expect(steps).toContain(' d="M76.00 92.00L266.00 92.00L266.00 218.67L456.00 218.67"');
    expect(description(rocFigure(ranked(names(30), 9), fonts))).toMatch(/^30 classes, mean area 0\.\d{3};/);
    expect(description(rocFigure(ranked(names(2), 0), fonts))).toMatch(/^nothing to rank/);
  });

  it("runs: the highest accuracy, each run's curve from its own first epoch to its own last", () => {
    const rows = (...accuracies: number[]) =>
      accuracies.map((accuracy, i) => ({ epoch: i + 1, validation: { loss: 1 - accuracy, accuracy } }));
    const svg = runsFigure(
      {
        runs: [
          { name: "plain", epochs: rows(0.5, 0.75, 1) },
          { name: "short", epochs: rows(0.6, 0.8) },
        ],
      },
      fonts,
    );
    expect([title(svg), description(svg)]).toEqual([
      "Runs compared",
      "2 runs · highest accuracy 100.0%: plain",
    ]);
    // Epochs 1 to 3 lie at 80, 262 and 444 px of the left panel, losses 0.5 and 0 at 128 and 368.
    expect(svg).toContain(' d="M80.00 128.00L262.00 248.00L444.00 368.00"');
    expect(svg).toContain(' d="M80.00 176.00L262.00 272.00"');
    // Accuracies of 50% and 100% at the same heights.
    expect(svg).toContain(' d="M560.00 368.00L742.00 248.00L924.00 128.00"');
  });

  it("reliability: the errors of calibration", () => {
    const logit = (probability: number): number => Math.log(probability / (1 - probability));
    const input = tally([judged(1, [logit(0.9)]), judged(0, [logit(0.7)])], 2);
    expect(description(reliabilityFigure({ calibration: calibration(input) }, fonts))).toBe(
      "2 pictures · ECE 40.0% · MCE 70.0% · Brier 0.250",
    );
    // Half right at 0.9: a bar of half the square's 380 px from 13/15 to 14/15 of it, and the gap from there up to 0.9.
    const half = tally([judged(1, [logit(0.9)], "a"), judged(0, [logit(0.9)], "b")], 2);
    const svg = reliabilityFigure({ calibration: calibration(half) }, fonts);
    expect(svg).toContain('<rect x="406.33" width="23.33" y="282" height="190"');
    expect(svg).toContain('<rect x="406.33" width="23.33" y="130" height="152"');
  });

  it("time-lapse: method, and ten epochs at most, the best among them", () => {
    expect([
      title(timeLapseFigure(timeLapse(1, 3), fonts)),
      description(timeLapseFigure(timeLapse(1, 3), fonts)),
    ]).toEqual([
      "What it looks at while it learns",
      "Grad-CAM, layer conv2d_3, for the class named; below, its probability · 1 photo, each on one scale",
    ]);
    const pictures = (svg: string): number => svg.match(/<image /g)!.length;
    // The photo, the colour bar, and a heatmap an epoch.
    expect(pictures(timeLapseFigure(timeLapse(1, 3), fonts))).toBe(2 + 3);
    expect(pictures(timeLapseFigure(timeLapse(3, 51), fonts))).toBe(3 * (2 + 10));
    const { photos, ...rest } = timeLapse(1, 3);
    const values = photos.map(({ moments, ...photo }) => ({
      ...photo,
      moments: moments.map((moment) => ({ ...moment, probability: Number.NaN, value: 3.5 })),
    }));
    expect(description(timeLapseFigure({ ...rest, photos: values }, fonts))).toBe(
      "Grad-CAM, layer conv2d_3, of what raised the value; below, what it said · 1 photo, each on one scale",
    );
  });

  it("explanation: class, probability, method, layer, resolution, and whether there is nothing", () => {
    expect(title(explanation({}))).toBe("dog 97.2%");
    expect(description(explanation({}))).toBe(
      "Grad-CAM · layer conv2d_3 · 7×7 map, upsampled to 60×40 · rex.jpg",
    );
    expect(description(explanation({ attribution: zero }))).toMatch(/the map is zero everywhere$/);
    expect(title(explanation({ probability: 0.99999 }))).toBe("dog &gt;99.9%");
  });

  it("explanation: what a reader must know, with the numbers at the bar's ends", () => {
    const ramp = float32([1, 10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(description(explanation({ attribution: ramp, clip: 20 }))).toMatch(
      /rex\.jpg · clipped at 9\.00; what lies beyond, up to 10\.0, holds no more than 20% of the map$/,
    );
    expect(description(explanation({ attribution: ramp, remarks: ["saturated"] }))).toMatch(/ · saturated$/);
    const negative = float32([2, 2], [-1, -2, -3, -4]);
    expect(description(explanation({ attribution: negative }))).toMatch(/all values are negative$/);
    expect(description(explanation({ attribution: negative, renderings: ["signed"] }))).not.toMatch(
      /negative/,
    );
  });

  it("wall: how many explanations, of what, by whom", () => {
    expect([title(wall(20)), description(wall(20))]).toEqual([
      "Why Grad-CAM 1?",
      "20 explanations of rex.jpg by GoogleNet",
    ]);
    // A picture each, the photo, and two colour bars; three columns of eight and of 180 px.
    expect(wall(20).match(/<image /g)).toHaveLength(23);
    expect(wall(20).match(/ viewBox="0 0 1600 /g)).toHaveLength(1);
    expect(wall(20).match(/stroke-dasharray="7 5"/g)).toHaveLength(5);
  });

  it("sheet: a row a photo, a column a method, the best mean score first", () => {
    const [few, many] = [wallInput(2), wallInput(3)];
    const better = { ...few, tiles: few.tiles.map((tile, at) => ({ ...tile, score: at === 0 ? 0 : 1 })) };
    const svg = sheetFigure([better, many], fonts);
    expect([title(svg), description(svg)]).toEqual([
      "2 photos by 3 methods",
      "GoogleNet · numbers: deletion, lower is better; above, their mean · each map in its own range",
    ]);
    // Lower is better: means of 0 and 1, of 1 and 6/7, and of 5/7 alone. The third has no place in the first row, and stands second.
    const places = [
      ...svg.matchAll(/<rect x="(\d+)" y="(\d+)" width="160" height="160" fill="#f3f5f7"\/>(?=<(\w+))/g),
    ];
    expect(places.map(([, x, y, next]) => [Number(x), Number(y), next])).toEqual([
      [192, 120, "image"],
      [360, 120, "image"],
      [528, 120, "rect"],
      [696, 120, "image"],
      [192, 308, "image"],
      [360, 308, "image"],
      [528, 308, "image"],
      [696, 308, "image"],
    ]);
  });

  it("wall: the bar of a score reaches from the worst to the best", () => {
    // Of 1, 6/7, 5/7, NaN and 3/7 the last is the best where lower is better.
    const bars = [...wall(5).matchAll(/height="3" rx="1.5" width="([\d.]+)" fill="#(?!e9edf1)/g)];
    expect(bars.map(([, length]) => Math.round((4 * Number(length)) / 245))).toEqual([0, 1, 2, 4]);
  });

  it("activations: layer, channels, size and the dead", () => {
    const svg = activations(32, 15);
    expect(title(svg)).toBe("conv2d_1: 32 channels, 15×15");
    expect(description(svg)).toMatch(/^1 of 32 channels dead/);
  });

  it("values: how far off, each at its place, with its error below", () => {
    const points = [
      { truth: 0, value: 0 },
      { truth: 10, value: 5 },
    ];
    const svg = valuesFigure({ name: "height", points, mae: 2.5, r2: 0.5, split: "test" }, fonts);
    expect([title(svg), description(svg)]).toEqual([
      "Said and true, test",
      "height, 2 pictures · mean absolute error 2.50 · R² 0.500",
    ]);
    const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
    const [left, right] = dots.map(([, x]) => Number(x));
    const [bottom, middle, level, below] = dots.map(([, , y]) => Number(y));
    // From the lower left half-way up to the right; no error, then five of the six that the axis has below.
    expect([right! - left!, bottom! - middle!, below! - level!]).toEqual([348, 174, 50]);
  });

  it("labels overlap, so that of two each has its curve", () => {
    const two = ranked(["a", "b"], 20);
    expect(description(rocFigure({ ...two, overlapping: true }, fonts))).toMatch(/^2 classes, mean area/);
    expect(description(rocFigure(two, fonts))).toMatch(/^area under the curve/);
  });

  it("mistakes: how many, and what the heatmaps are", () => {
    expect(description(mistakes(4))).toBe(
      "4 photos, worst first · Grad-CAM, layer conv2d_3 for what was said",
    );
    expect(description(mistakes(0))).toBe("no mistakes");
  });
});
