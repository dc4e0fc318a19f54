import { layerMaps, weightedSum } from "../../cam/layer-maps.ts";
import { gradientMaps } from "../../maps.ts";
import type { AskingMethod, Options } from "../../method.ts";
import { gaussianNoise } from "../../noisy-gradients.ts";
import { asTheyAre } from "../../questions.ts";
import type { Question } from "../../subject.ts";

const question: Question = {
  key: "gradient maps",
  write: (context) => ({ gradient: gradientMaps(context) }),
};

/**
 * Smooth Grad-CAM++, Omeiza et al. 2019 (arXiv 1908.01224): Grad-CAM++ with each power of the gradient averaged over noisy
 * pictures. In the numerator stands the mean square, as in Grad-CAM++, where the paper prints the mean of the gradient itself.
 */
export const smoothGradCamPlusPlus: AskingMethod<Options<"samples" | "noise" | "epsilon">> = {
  name: "smooth-grad-cam-plus-plus",
  title: "Smooth Grad-CAM++",
  summary: "Grad-CAM++ with gradients averaged over noisy copies of the picture",
  formula:
    "raw = sum_k w_k A_k, w_k = sum_hw(a_k relu(<g_k>)), a_k = <g_k^2> / (2 <g_k^2> + sum_hw(A_k) <g_k^3> + epsilon), <> = mean over x + e, e ~ N(0, (noise * (max x - min x))^2)",
  paper: "Omeiza et al. 2019, arXiv:1908.01224",
  limits:
    "As for Grad-CAM++. The noise decides how smooth it is, and with much of it the network sees something else.",
  cost: "samples + 1 forward, samples backward",
  at: "maps",
  sign: "positive",
  options: { samples: 20, noise: 0.15, epsilon: 0 },
  async explain(subject, { samples, noise, epsilon }) {
    const maps = await layerMaps(subject);
    const size = maps.pictures[0]!.length;
    const places = maps.height * maps.width;
    const [clean, addNoise] = [asTheyAre(subject), gaussianNoise(subject, noise)];
    const powers = maps.pictures.map(() => [1, 2, 3].map(() => new Float64Array(size)));
    const rows = {
      count: maps.pictures.length * samples,
      picture: (row: number) => Math.floor(row / samples),
      write(row: number, into: Readonly<Record<string, Float32Array>>) {
        clean.write(rows.picture(row), into);
        addNoise(rows.picture(row), row % samples, into.input!);
      },
    };
    await subject.ask(question, rows, (row, { gradient }) => {
      for (const [at, sums] of powers[rows.picture(row)]!.entries())
        for (let i = 0; i < size; i++) sums[i]! += gradient![i]! ** (at + 1) / samples;
    });
    const weights = maps.pictures.map((activation, picture) => {
      const [first, second, third] = powers[picture] as [Float64Array, Float64Array, Float64Array];
      return Float64Array.from({ length: maps.channels }, (_, channel) => {
        const [start, end] = [channel * places, (channel + 1) * places];
        const total = activation.subarray(start, end).reduce((sum, value) => sum + value, 0);
        let weight = 0;
        for (let i = start; i < end; i++)
          if (first[i]! > 0)
            weight += (first[i]! * second[i]!) / (2 * second[i]! + total * third[i]! + epsilon);
        return weight;
      });
    });
    return { values: weightedSum(maps, weights) };
  },
};
