import { describe, expect, test } from "vitest";
import { framed } from "../../src/base/framing.ts";
import { picture } from "../../src/base/picture.ts";
import { random } from "../../src/base/random.ts";
import { type Tensor, tensor } from "../../src/base/tensor.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import {
  type Preprocessing,
  type PresetName,
  preprocess,
  presetFor,
  presets,
} from "../../src/model/preprocessing.ts";
import { preprocessed } from "../../src/model/preprocessing-graph.ts";

const engine = nodeEngine({ threads: 1 });

async function inGraph(images: Tensor<"uint8">, preprocessing: Preprocessing): Promise<Tensor<"float32">> {
  const g = new GraphBuilder();
  const x = preprocessed(g, g.input("images", "uint8", images.shape), preprocessing);
  const program = await engine.compile(g.finish("preprocessing", { x }));
  const results = await program.run({ images });
  await program.dispose();
  return results.x as Tensor<"float32">;
}

describe("preprocessing in a graph", () => {
  const [width, height] = [5, 4];
  const { below } = random(3, "pictures");
  const pixels = Uint8Array.from({ length: 2 * width * height * 3 }, () => below(256));
  const images = tensor("uint8", [2, height, width, 3], pixels);
  const pictures = [0, 1].map((at) => ({
    width,
    height,
    data: pixels.slice(at * width * height * 3, (at + 1) * width * height * 3),
  }));
  const cases = (Object.keys(presets) as PresetName[]).flatMap((name) =>
    [3, 1].map((channels) => [name, channels] as const),
  );

  test.each(cases)(
    "%s of %i channels is what `preprocess` makes of the same pictures",
    async (name, channels) => {
      const preprocessing = presetFor(name, channels);
      const expected = preprocess({ name: "image", channels, width, height, preprocessing }, pictures);
      const { shape, data } = await inGraph(images, preprocessing);
      expect(shape).toEqual([2, channels, height, width]);
      // In float64 there and in float32 here; levels go up to 255.
      for (const [i, value] of data.entries())
        expect(Math.abs(value - expected.data[i]!)).toBeLessThanOrEqual(4e-5);
    },
  );

  test("the unit range is exactly x / 255 in float32", async () => {
    const all = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
    const { data } = await inGraph(tensor("uint8", [1, 1, 256, 3], all), presets.unit);
    expect([...data]).toEqual(Array.from({ length: 768 }, (_, i) => Math.fround((i % 256) / 255)));
  });
});

test("a photo that was cropped when it was decoded is not cropped again", async () => {
  const { next } = random(0, "photo");
  const photo = picture(
    40,
    30,
    Uint8Array.from({ length: 3600 }, () => 256 * next()),
  );
  const input = { name: "image", channels: 3, width: 16, height: 16, crop: 0.8, preprocessing: presets.unit };
  const once = preprocess(input, [photo]);
  expect(preprocess(input, [framed(photo, input)])).toEqual(once);
  const whole = framed(photo, { width: 16, height: 16 });
  expect(preprocess(input, [whole])).not.toEqual(once);
});
