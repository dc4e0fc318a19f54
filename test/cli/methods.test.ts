import { describe, expect, test } from "vitest";
import { families, methods } from "../../src/explain/methods/index.ts";
import { convscope, jsonLines } from "./convscope.ts";

describe("methods", () => {
  test("lists every method under its family, with what it shows and how often it runs the network", async () => {
    const { code, stdout, stderr } = await convscope("methods");
    expect([code, stderr]).toEqual([0, ""]);
    const blocks = stdout.trimEnd().split("\n\n");
    expect(blocks.map((block) => block.split("\n")[0])).toEqual(Object.keys(families));
    for (const [at, members] of Object.values(families).entries()) {
      const lines = blocks[at]!.split("\n").slice(1);
      expect(lines.map((line) => line.trim().split(" ")[0])).toEqual(members.map(({ name }) => name));
    }
    expect(stdout).toMatch(
      /^ {2}grad-cam {2,}channels weighted by their mean gradient, positive part \(1 forward, 1 backward\)$/m,
    );
  });

  test("says all about one", async () => {
    const { code, stdout } = await convscope("methods", "integrated-gradients");
    expect(code).toBe(0);
    expect(stdout).toContain("Integrated gradients (integrated-gradients): ");
    for (const line of [
      /^formula {2}raw = /m,
      /^paper {4}Sundararajan et al\. 2017/m,
      /^limits {3}\S/m,
      /^runs {5}steps forward and backward$/m,
      /^at {7}the network's input$/m,
      /^steps {5,}\d+ {2,}\S.* a whole number from 1$/m,
    ])
      expect(stdout).toMatch(line);
    expect((await convscope("methods", "attention-rollout")).stdout).toMatch(/\n\nIt has no options\.\n$/);
  });

  test("--json: an object a line", async () => {
    const every = jsonLines<{ name: string; family: string; options: object[] }>(
      (await convscope("methods", "--json")).stdout,
    );
    expect(every.map(({ name }) => name)).toEqual(methods.map(({ name }) => name));
    const [one, ...others] = jsonLines((await convscope("methods", "saliency", "--json")).stdout);
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      family: "gradient",
      name: "saliency",
      at: "input",
      options: [
        {
          name: "absolute",
          default: true,
          summary: "magnitudes instead of signed values",
          takes: "true or false",
        },
      ],
    });
  });

  test("names the nearest where there is none of that name", async () => {
    const { code, stderr } = await convscope("methods", "gradcam");
    expect(code).toBe(1);
    expect(stderr).toContain('There is no method "gradcam"; the nearest are grad-cam');
  });
});
