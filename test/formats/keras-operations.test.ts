import { describe, expect, test } from "vitest";
import { kerasGraph } from "../../src/formats/keras/graph/keras-graph.ts";
import type { SavedKerasModel } from "../../src/formats/keras/saved-model.ts";
import { expectSturdy, patience } from "../fuzz.ts";
import { called, checkPictureGradient, functional, layer, outputsOf, tensor } from "./keras-model.ts";
import {
  at,
  C,
  channelMeans,
  each,
  ends,
  expectClose,
  flat,
  H,
  operation,
  pictures,
  range,
  SHAPE,
  softmaxOver,
  sum,
  W,
} from "./keras-picture.ts";

/** A model of one operation, called with the picture unless said. */
const model = (
  name: string,
  config: object,
  args: readonly unknown[] = [tensor("picture")],
  module?: string,
) =>
  functional(SHAPE, [called("y", operation(name, config, module), { args }), ...flat("y")], ends("y/flat"));

const nn = "keras.src.ops.nn";
const erf = (x: number): number => {
  // Its series, which is exact enough where it is short.
  let [term, total] = [x, x];
  for (let n = 1; n < 40; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
};

const x = tensor("picture");
const cases: Record<string, [SavedKerasModel, number[]]> = {
  "a sum with a number": [model("Add", {}, [x, 3]), each((...p) => at(...p) + 3)],
  "a number less the picture": [model("Subtract", {}, [1, x]), each((...p) => 1 - at(...p))],
  "a product with numbers, one a channel": [
    model("Multiply", {}, [x, { class_name: "__numpy__", config: { value: [2, -3], dtype: "float32" } }]),
    each((h, w, c) => at(h, w, c) * [2, -3][c]!),
  ],
  "softmax along another axis": [
    model("Softmax", { axis: 1 }, [x], nn),
    each((h, w, c) =>
      softmaxOver(
        range(H).map((y) => at(y, w, c)),
        h,
      ),
    ),
  ],
  "log softmax along another axis": [
    model("LogSoftmax", { axis: 2 }, [x], nn),
    each((h, w, c) =>
      Math.log(
        softmaxOver(
          range(W).map((place) => at(h, place, c)),
          w,
        ),
      ),
    ),
  ],
  "GELU, approximate": [
    model("Gelu", { approximate: true }, [x], nn),
    each((...p) => {
      const value = at(...p);
      return 0.5 * value * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3)));
    }),
  ],
  "GELU, exact": [
    model("Gelu", { approximate: false }, [x], nn),
    each((...p) => 0.5 * at(...p) * (1 + erf(at(...p) / Math.SQRT2))),
  ],
  "leaky ReLU of its own slope": [
    model("LeakyRelu", { negative_slope: 0.4 }, [x], nn),
    each((...p) => (at(...p) > 0 ? at(...p) : 0.4 * at(...p))),
  ],
  "ELU of its own alpha": [
    model("Elu", { alpha: 0.5 }, [x], nn),
    each((...p) => (at(...p) > 0 ? at(...p) : 0.5 * Math.expm1(at(...p)))),
  ],
  "a threshold": [
    model("Threshold", { threshold: 0.25, default_value: -2 }, [x], nn),
    each((...p) => (at(...p) > 0.25 ? at(...p) : -2)),
  ],
  "the mean over places": [model("Mean", { axis: [1, 2], keepdims: false }), channelMeans()],
  "the least along an axis": [
    model("Min", { axis: 2, keepdims: true, initial: null }),
    each((h, _, c) => Math.min(...range(W).map((w) => at(h, w, c))), [H, 1, C]),
  ],
  "the deviation along channels": [
    model("Std", { axis: [-1], keepdims: true }),
    each((h, w) => Math.abs(at(h, w, 0) - at(h, w, 1)) / 2, [H, W, 1]),
  ],
  "pixels of length 1": [
    model("Normalize", { axis: -1, order: 2, epsilon: null }, [x], nn),
    each((h, w, c) => at(h, w, c) / Math.hypot(at(h, w, 0), at(h, w, 1))),
  ],
  "another shape": [model("Reshape", { newshape: [-1, 3, 8] }), [...pictures.data]],
  "axes in another order": [
    model("Transpose", { axes: [0, 3, 1, 2] }),
    each((c, h, w) => at(h, w, c), [C, H, W]),
  ],
  "two axes exchanged": [
    model("Swapaxes", { axis1: 1, axis2: -1 }),
    each((c, w, h) => at(h, w, c), [C, W, H]),
  ],
  "an axis more, and away again": [
    functional(
      SHAPE,
      [
        called("more", operation("ExpandDims", { axis: -1 }), { args: [x] }),
        called("y", operation("Squeeze", { axis: 4 }), { args: [tensor("more")] }),
        ...flat("y"),
      ],
      ends("y/flat"),
    ),
    [...pictures.data],
  ],
  "tensors on each other": [model("Stack", { axis: 1 }, [[x, x]]), [...pictures.data, ...pictures.data]],
  "rolled along two axes": [
    model("Roll", { shift: [1, -1], axis: [1, 2] }),
    each((h, w, c) => at((h + H - 1) % H, (w + 1) % W, c)),
  ],
  padded: [
    model("Pad", {
      pad_width: [
        [0, 0],
        [1, 0],
        [0, 2],
        [0, 0],
      ],
      mode: "constant",
    }),
    each((h, w, c) => (h < 1 || w >= W ? 0 : at(h - 1, w, c)), [H + 1, W + 2, C]),
  ],
  "pictures half as large": [
    model(
      "Resize",
      { size: [2, W], interpolation: "bilinear", antialias: false, data_format: "channels_last" },
      [x],
      "keras.src.ops.image",
    ),
    each((h, w, c) => (at(2 * h, w, c) + at(2 * h + 1, w, c)) / 2, [2, W, C]),
  ],
  "a part by a key": [
    model("GetItem", {}, [
      x,
      [
        { class_name: "__slice__", config: { start: null, stop: null, step: null } },
        { class_name: "__slice__", config: { start: 1, stop: null, step: 2 } },
        { class_name: "__ellipsis__", config: {} },
        0,
      ],
    ]),
    each((h, w) => at(2 * h + 1, w, 0), [2, W, 1]),
  ],
  "Einstein's summation of a picture with itself": [
    model("Einsum", { subscripts: "bhwc,bvwc->bhv" }, [x, x]),
    each(
      (h, v) =>
        sum(
          range(W * C).map((place) => {
            const [w, c] = [Math.floor(place / C), place % C];
            return at(h, w, c) * at(v, w, c);
          }),
        ),
      [H, H, 1],
    ),
  ],
  "a product of matrices": [
    functional(
      SHAPE,
      [
        called("turned", operation("Swapaxes", { axis1: 2, axis2: 3 }), { args: [x] }),
        called("y", operation("Matmul", {}), { args: [x, tensor("turned")] }),
        ...flat("y"),
      ],
      ends("y/flat"),
    ),
    each((h, w, v) => at(h, w, 0) * at(h, v, 0) + at(h, w, 1) * at(h, v, 1), [H, W, W]),
  ],
};

describe("operations of Keras 3 in a functional model", () => {
  test.each(Object.entries(cases))("%s", async (_, [saved, expected]) => {
    const [found] = await outputsOf(saved, pictures);
    expectClose(found, expected);
    await checkPictureGradient(saved, pictures);
  });
});

test("Inception-ResNet's sum", async () => {
  const scale = layer("CustomScaleLayer", { scale: 0.2 }, "keras.src.applications.inception_resnet_v2");
  const saved = functional(
    SHAPE,
    [
      called("tanh", operation("Tanh", {}), { args: [x] }),
      called("y", scale, { args: [[x, tensor("tanh")]] }),
      ...flat("y"),
    ],
    ends("y/flat"),
  );
  const [found] = await outputsOf(saved, pictures);
  expectClose(
    found,
    each((...p) => at(...p) + 0.2 * Math.tanh(at(...p))),
  );
});

test("an operation of several outputs, cut into parts or where it is told", async () => {
  const split = (config: object) => called("split", operation("Split", config), { args: [x] });
  const part = (output: number) =>
    called(`part${output}`, layer("Flatten"), { args: [tensor("split", { output })] });
  const even = functional(
    SHAPE,
    [split({ indices_or_sections: 2, axis: -1 }), part(0), part(1)],
    ends("part1", "part0"),
  );
  expect(await outputsOf(even, pictures)).toEqual([1, 0].map((c) => each((h, w) => at(h, w, c), [H, W, 1])));
  await checkPictureGradient(even, pictures);
  const told = functional(SHAPE, [split({ indices_or_sections: [1, 3], axis: 1 }), part(1)], ends("part1"));
  expect(await outputsOf(told, pictures)).toEqual([each((h, w, c) => at(h + 1, w, c), [2, W, C])]);
});

test.each<[string, SavedKerasModel, string]>([
  ["parts that do not fit", model("Split", { indices_or_sections: 3, axis: 1 }), "splits 4 places by 3"],
  ["a batch that moves", model("Transpose", { axes: [1, 0, 2, 3] }), "in which the batch must be first"],
  [
    "a wrong equation",
    model("Einsum", { subscripts: "bhw,bhw->b" }, [x, x]),
    'by "bhw,bhw->b", which does not fit',
  ],
  [
    "reflection",
    model("Pad", {
      pad_width: [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      mode: "reflect",
    }),
    'pads with "reflect"',
  ],
  ["whole numbers", model("Cast", { dtype: "uint8" }, [x], "keras.src.ops.core"), 'casts to "uint8"'],
  ["one with no rule", model("Sort", { axis: 1 }), "does Sort that is not known here"],
])("%s: an operation is refused", (_, saved, message) => {
  expect(() => kerasGraph(saved, "net", 32)).toThrow(message);
});

test("damaged operations become graphs, or are refused in words", { timeout: patience }, () => {
  const { model: whole } = functional(
    SHAPE,
    [
      called("parts", operation("Split", { indices_or_sections: [1, 3], axis: 1 }), { args: [x] }),
      called("roll", operation("Roll", { shift: [1, -1], axis: [1, 2] }), {
        args: [tensor("parts", { output: 1 })],
      }),
      called(
        "pad",
        operation("Pad", {
          pad_width: [
            [0, 0],
            [1, 0],
            [0, 2],
            [0, 0],
          ],
          mode: "constant",
        }),
        {
          args: [tensor("roll")],
        },
      ),
      called("sum", operation("Einsum", { subscripts: "bhwc,bvwc->bhv" }), {
        args: [tensor("pad"), tensor("pad")],
      }),
      called("more", operation("ExpandDims", { axis: -1 }), { args: [tensor("sum")] }),
      called("size", layer("Resizing", { height: 4, width: 4, interpolation: "bicubic" }), {
        args: [tensor("more")],
      }),
      called("pool", layer("AdaptiveMaxPooling2D", { output_size: [2, 2] }), { args: [tensor("size")] }),
      called("tokens", operation("Reshape", { newshape: [-1, 2, 2] }), { args: [tensor("pool")] }),
      called("attention", layer("Attention", {}), {
        args: [[tensor("tokens"), tensor("tokens")]],
        kwargs: { use_causal_mask: true },
      }),
    ],
    ends("attention"),
  );
  expectSturdy([new TextEncoder().encode(JSON.stringify(whole))], "net", (bytes) => {
    let config: SavedKerasModel["model"];
    try {
      config = JSON.parse(new TextDecoder().decode(bytes));
      if (typeof config?.class_name !== "string") return;
    } catch {
      // What is no JSON does not come so far.
      return;
    }
    kerasGraph({ model: config, version: "3.5.0", weights: () => [] }, "net", 32);
  });
});
