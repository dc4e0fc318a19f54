import { describe, expect, test } from "vitest";
import { float32 } from "../../src/base/tensor.ts";
import { conventions, findConvention } from "../../src/explain/conventions/index.ts";
import { explain, findMethod } from "../../src/explain/explain.ts";
import { type OptionName, withDefaults } from "../../src/explain/option.ts";
import { expectClose, fixture, fixtureNames, oneConv } from "./reference.ts";

/** A map of one channel and its picture's size. */
const scaled = (convention: string, shape: number[], values: number[], height: number, width: number) =>
  [...findConvention(convention).scaled(float32(shape, values), height, width).data].map(
    (value) => Math.round(value * 1e4) / 1e4,
  );

describe("a map as another library shows it", () => {
  test("pytorch-grad-cam: the positive part, stretched before and after it is enlarged", () => {
    expect(scaled("pytorch-grad-cam", [1, 2], [-3, 4], 1, 4)).toEqual([0, 0.25, 0.75, 1]);
    // The mean of neighbours is 1 at most, so the second stretching counts.
    expect(scaled("pytorch-grad-cam", [1, 4], [2, 6, 2, 2], 1, 2)).toEqual([1, 0]);
    expect(scaled("pytorch-grad-cam", [2, 1, 2], [1, -5, 1, 2], 1, 2)).toEqual([1, 0]);
  });

  test("captum: magnitudes, enlarged to the nearest, cut where the smaller ones make up 98%", () => {
    expect(scaled("captum", [1, 2], [-3, 4], 1, 5)).toEqual([0.75, 0.75, 0.75, 1, 1]);
    const many = [...new Array(98).fill(1), 2, 100];
    expect(scaled("captum", [1, 100], many, 1, 100).slice(97)).toEqual([0.01, 0.02, 1]);
    const flat = [...new Array(99).fill(-1), 1.5];
    expect(scaled("captum", [1, 100], flat, 1, 100)).toEqual(new Array(100).fill(1));
    expect(scaled("captum", [2, 1, 2], [1, -5, -1, 1], 1, 2)).toEqual([0, 1]);
  });

  test("keras: the positive part by its maximum", () => {
    expect(scaled("keras", [1, 2], [-3, 4], 1, 4)).toEqual([0, 0.25, 0.75, 1]);
    expect(scaled("keras", [1, 2], [2, 4], 1, 2)).toEqual([0.5, 1]);
  });

  test("innvestigate: signed, by the largest magnitude", () => {
    expect(scaled("innvestigate", [1, 2], [-8, 4], 1, 4)).toEqual([-1, -0.625, 0.125, 0.5]);
    expect(scaled("innvestigate", [2, 1, 2], [1, -5, 1, 1], 1, 2)).toEqual([0.5, -1]);
  });

  test.each(conventions)("$name: what speaks for nothing is nothing", (convention) => {
    const zeros = new Float32Array(6);
    expect(convention.scaled(float32([1, 1, 2], [0, 0]), 2, 3)).toEqual(float32([2, 3], zeros));
    if (/relu/.test(convention.scaling))
      expect(convention.scaled(float32([1, 1, 2], [-1, -2]), 2, 3)).toEqual(float32([2, 3], zeros));
  });

  test.each(conventions)(
    "$name: its options are those of methods, and not what these are anyway",
    ({ options }) => {
      for (const [name, given] of Object.entries(options)) {
        const method = findMethod(name);
        expect(withDefaults(method, given)).not.toEqual(method.options);
        for (const [option, value] of Object.entries(given))
          expect([name, option, method.options[option as OptionName]]).not.toEqual([name, option, value]);
      }
    },
  );

  test("options that are given count more than the convention's", async () => {
    const picture = float32([1, 4, 4], new Float32Array(16));
    const asked = { method: "integrated-gradients", convention: "keras", target: 0 } as const;
    expect((await explain(oneConv(), picture, asked)).options).toEqual({
      steps: 51,
      rule: "trapezoid",
      baseline: "zero",
    });
    const { options } = await explain(oneConv(), picture, { ...asked, options: { steps: 3 } });
    expect(options).toEqual({ steps: 3, rule: "trapezoid", baseline: "zero" });
  });

  test("there is none of another name", () => {
    expect(() => findConvention("lucid")).toThrow(
      'There is no convention "lucid"; those of other libraries are captum, innvestigate, keras and pytorch-grad-cam.',
    );
  });
});

describe.each(fixtureNames)("%s: pytorch-grad-cam's maps", (name) => {
  test("from their raw ones", async () => {
    const { names, input, tensor, about } = await fixture(name);
    const [, , height, width] = input.shape as [number, number, number, number];
    const found = names.filter((wanted) => wanted.endsWith(".scaled"));
    expect(found.length).toBeGreaterThan(5);
    for (const wanted of found) {
      const raw = tensor(wanted.replace(".scaled", ".raw"));
      const map = findConvention("pytorch-grad-cam").scaled(
        float32(raw.shape.slice(-2), raw.data),
        height,
        width,
      );
      expectClose(float32([1, height, width], map.data), tensor(wanted), about(wanted));
    }
  });
});
