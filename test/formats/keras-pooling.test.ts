import { expect, test } from "vitest";
import { kerasGraph } from "../../src/formats/keras/graph/keras-graph.ts";
import { checkPictureGradient, drawn, layer, outputsOf, sequential } from "./keras-model.ts";

const [H, W, C] = [4, 6, 2];
const pictures = drawn("pictures", [1, H, W, C]);

const adaptive = (name: string, size: unknown) => sequential([H, W, C], [layer(name, { output_size: size })]);

test.each<[string, (window: number[]) => number]>([
  ["AdaptiveAveragePooling2D", (window) => window.reduce((a, b) => a + b) / window.length],
  ["AdaptiveMaxPooling2D", (window) => Math.max(...window)],
])("%s: as many windows as asked for", async (name, of) => {
  const saved = adaptive(name, [2, 3]);
  const [found] = await outputsOf(saved, pictures);
  const window = (row: number, column: number, c: number): number[] =>
    [0, 1].flatMap((y) => [0, 1].map((x) => pictures.data[((2 * row + y) * W + 2 * column + x) * C + c]!));
  const expected = [0, 1].flatMap((row) =>
    [0, 1, 2].flatMap((column) => [0, 1].map((c) => of(window(row, column, c)))),
  );
  expect(found).toHaveLength(expected.length);
  for (const [place, value] of expected.entries()) expect(found![place]).toBeCloseTo(value, 6);
  await checkPictureGradient(saved, pictures);
});

test("windows that would overlap are refused", () => {
  expect(() => kerasGraph(adaptive("AdaptiveMaxPooling2D", [4, 4]), "net", 32)).toThrow(
    "pools 4×6 places into 4×4, into which they cannot be parted evenly",
  );
});
