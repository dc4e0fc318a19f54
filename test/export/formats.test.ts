import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeEngine } from "../../src/engine/node.ts";
import { exportModel } from "../../src/export/export.ts";
import { exportFormats } from "../../src/export/formats/index.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import type { TaskName } from "../../src/model/tasks/index.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../docs/export.md"), "utf8");
const engine = nodeEngine({ threads: 1 });

const networks: readonly (readonly [string, readonly string[], TaskName])[] = [
  ["of two classes", ["cat", "dog"], "single-label"],
  ["of three classes", ["ant", "bee", "cow"], "single-label"],
  ["of labels", ["sea", "sun"], "multi-label"],
  ["of a value", ["age"], "regression"],
];

describe.each(exportFormats)("$name", (format) => {
  const { name, makes, summary } = format;

  test("stands in docs/export.md", () => {
    expect(page).toContain(`| \`${name}\` | ${summary} |`);
  });

  test.each(networks)("holds a network %s, with its preprocessing and without", async (_, classes, task) => {
    const network = smallConvnet({ classes, task, size: 20, filters: [8, 8], units: 8 });
    for (const withPreprocessing of [false, true]) {
      const model = { ...network, source: "own.onnx", engine };
      const { files, inputs, outputs, difference } = await exportModel(model, {
        format: name,
        withPreprocessing,
      });
      expect(difference).toBeLessThan(1e-5);
      expect(makes === "file" ? files.size === 1 : files.size > 1).toBe(true);
      expect(inputs).toHaveLength(1);
      expect(outputs.length).toBeGreaterThan(0);
    }
  });
});
