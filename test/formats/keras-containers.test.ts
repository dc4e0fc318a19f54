import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterAll, describe, expect, it } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { openKeras } from "../../src/formats/keras/open.node.ts";
import { isKeras, readKeras } from "../../src/formats/keras/read.ts";
import type { SavedKerasModel } from "../../src/formats/keras/saved-model.ts";
import { writeHdf5 } from "./hdf5-file.ts";
import { checkpoint, kerasArchive, kerasH5, layerGroups, type Weight } from "./keras-file.ts";

const desk = realpathSync(mkdtempSync(join(tmpdir(), "convscope-keras-")));
afterAll(() => rmSync(desk, { recursive: true }));

const layer = (className: string, name: string, config: object = {}) => ({
  class_name: className,
  config: { name, ...config },
});
const models = (className: string, name: string, ...layers: object[]) => layer(className, name, { layers });

const weight = (name: string, first: number, shape: readonly number[] = [2]): Weight => ({
  name,
  shape,
  first,
});

/** Names of a layer's weights, and the first number of each. */
const found = (saved: SavedKerasModel, ...path: string[]) =>
  saved.weights(path).map(({ name, read }) => [name, read().data[0]]);

describe("an .h5 of a whole model", () => {
  const base = models("Functional", "base", layer("Conv2D", "conv"), layer("BatchNormalization", "norm"));
  const other = models("Functional", "other", layer("Conv2D", "conv"), layer("Conv2D", "fire/squeeze"));
  const model = models(
    "Sequential",
    "all",
    base,
    models("Functional", "pair", base, other),
    layer("Dense", "head"),
  );

  it("has weights by layer, and in nested models by the names of the weights", () => {
    const bytes = kerasH5(model, {
      // What is trained comes first.
      base: [
        weight("conv/kernel:0", 1),
        weight("conv/bias:0", 2),
        weight("norm/gamma:0", 3),
        weight("norm/beta:0", 4),
        weight("norm/moving_mean:0", 5),
        weight("norm/moving_variance:0", 6),
      ],
      pair: [
        weight("pair/other/conv/kernel:0", 7),
        weight("pair/base/conv/kernel:0", 8),
        weight("other/fire/squeeze/kernel:0", 9),
      ],
      head: [weight("head/kernel:0", 10, [3, 2])],
      relu: [],
    });
    expect(isKeras(bytes)).toBe(true);
    const saved = readKeras(bytes, "a.h5");
    expect(saved.model).toEqual(model);
    expect(saved.version).toBe("2.15.0");
    expect(found(saved, "base", "conv")).toEqual([
      ["conv/kernel:0", 1],
      ["conv/bias:0", 2],
    ]);
    expect(found(saved, "base", "norm").map(([, first]) => first)).toEqual([3, 4, 5, 6]);
    expect(found(saved, "pair", "base", "conv")).toEqual([["pair/base/conv/kernel:0", 8]]);
    expect(found(saved, "pair", "other", "conv")).toEqual([["pair/other/conv/kernel:0", 7]]);
    expect(found(saved, "pair", "other", "fire/squeeze")).toEqual([["other/fire/squeeze/kernel:0", 9]]);
    expect(found(saved, "relu")).toEqual([]);
    expect(found(saved, "absent")).toEqual([]);
    expect(found(saved, "base", "absent")).toEqual([]);
    const [kernel] = saved.weights(["head"]);
    expect(kernel!.shape).toEqual([3, 2]);
    expect(kernel!.read()).toEqual({
      dtype: "float32",
      shape: [3, 2],
      data: Float32Array.of(10, 11, 12, 13, 14, 15),
    });
  });

  it("has names that TensorFlow numbered because it had made them before", () => {
    const saved = readKeras(
      kerasH5(model, { base: [weight("conv_1/kernel:0", 1), weight("norm_1/gamma:0", 2)] }),
      "a.h5",
    );
    expect(found(saved, "base", "conv")).toEqual([["conv_1/kernel:0", 1]]);
    expect(found(saved, "base", "norm")).toEqual([["norm_1/gamma:0", 2]]);
  });

  it("may have lists of names in parts", () => {
    const { groups = {}, ...rest } = layerGroups({
      head: [weight("head/kernel:0", 1), weight("head/bias:0", 2)],
    });
    const head = {
      ...groups.head,
      attributes: { weight_names0: ["head/kernel:0"], weight_names1: ["head/bias:0"] },
    };
    const bytes = writeHdf5({
      attributes: { model_config: JSON.stringify(model) },
      groups: { model_weights: { ...rest, groups: { head } } },
    });
    const saved = readKeras(bytes, "a.h5");
    expect(found(saved, "head")).toEqual([
      ["head/kernel:0", 1],
      ["head/bias:0", 2],
    ]);
    expect(saved.version).toBeUndefined();
  });

  it("is refused in words when it is none", () => {
    const refusal = (bytes: Uint8Array) => () => readKeras(bytes, "a.h5");
    expect(refusal(writeHdf5({ datasets: { cats: { data: [1] }, dogs: { data: [2] } } }))).toThrow(
      new UserError("a.h5 is an HDF5 file, but not a model of Keras's: it holds cats and dogs."),
    );
    const weightsAlone =
      "a.h5 holds weights without their model; convert them with convscope weights convert, or save the model itself from Keras.";
    expect(refusal(writeHdf5(layerGroups({ conv: [] })))).toThrow(new UserError(weightsAlone));
    expect(refusal(checkpoint({ "layers/conv2d/vars": [weight("0", 1)] }))).toThrow(
      new UserError(weightsAlone),
    );
    expect(refusal(writeHdf5({ attributes: { model_config: "{" } }))).toThrow(
      new UserError("a.h5 has a model_config that is not JSON; copy or save it again."),
    );
    expect(refusal(writeHdf5({ attributes: { model_config: "[]" } }))).toThrow(
      new UserError("a.h5 does not say what its model is made of; save the whole model again."),
    );
    expect(refusal(writeHdf5({ attributes: { model_config: JSON.stringify(model) } }))).toThrow(
      new UserError('a.h5 has no group "model_weights"; save the whole model again.'),
    );
    const names = { attributes: { weight_names: ["head/kernel:0"] } };
    const incomplete = writeHdf5({
      attributes: { model_config: JSON.stringify(model) },
      groups: { model_weights: { groups: { head: names } } },
    });
    expect(() => readKeras(incomplete, "a.h5").weights(["head"])).toThrow(
      new UserError('a.h5 lacks the weight "head/kernel:0" of the layer "head"; save it again.'),
    );
  });
});

describe("a .keras archive", () => {
  const base = models(
    "Functional",
    "base",
    layer("InputLayer", "in"),
    layer("Conv2D", "first"),
    layer("Conv2D", "second"),
  );
  const model = models(
    "Functional",
    "all",
    layer("InputLayer", "input"),
    base,
    layer("Conv2DTranspose", "up"),
    layer("MultiHeadAttention", "attention"),
    layer("Dropout", "drop"),
    layer("TimeDistributed", "each"),
  );
  const groups = {
    "layers/functional/layers/conv2d/vars": [weight("kernel", 1), weight("bias", 2)],
    "layers/functional/layers/conv2d_1/vars": [weight("kernel", 3)],
    "layers/conv2d_transpose/vars": Array.from({ length: 12 }, (_, index) => weight("part", 10 + index)),
    "layers/multi_head_attention/key_dense/vars": [weight("key", 31)],
    "layers/multi_head_attention/output_dense/vars": [weight("output", 33)],
    "layers/multi_head_attention/query_dense/vars": [weight("query", 30)],
    "layers/multi_head_attention/value_dense/vars": [weight("value", 32)],
    "layers/dropout/seed_generator/vars": [weight("state", 40)],
    "layers/time_distributed/layer/vars": [weight("kernel", 50)],
    "optimizer/vars": [weight("iteration", 60)],
  };
  const firsts = (saved: SavedKerasModel, ...path: string[]) =>
    found(saved, ...path).map(([, first]) => first);

  const expectAll = (saved: SavedKerasModel): void => {
    expect(saved.model).toEqual(model);
    expect(saved.version).toBe("3.5.0");
    expect(found(saved, "base", "first")).toEqual([
      ["/layers/functional/layers/conv2d/vars/0", 1],
      ["/layers/functional/layers/conv2d/vars/1", 2],
    ]);
    expect(firsts(saved, "base", "second")).toEqual([3]);
    expect(firsts(saved, "up")).toEqual(Array.from({ length: 12 }, (_, index) => 10 + index));
    expect(firsts(saved, "attention")).toEqual([30, 31, 32, 33]);
    expect(firsts(saved, "drop")).toEqual([]);
    expect(firsts(saved, "each")).toEqual([50]);
    expect(firsts(saved, "input")).toEqual([]);
    expect(firsts(saved, "absent", "first")).toEqual([]);
  };

  it("has weights by class and number, whether it was compressed again or not", () => {
    expectAll(readKeras(kerasArchive(model, checkpoint(groups)), "a.keras"));
    expectAll(readKeras(kerasArchive(model, checkpoint(groups), 6), "a.keras"));
  });

  it("may have older names, or weights in several files", () => {
    const older = (path: string): string =>
      path
        .replace(/(\w+)_dense/, "_$1_dense")
        .replaceAll("layers", "_layer_checkpoint_dependencies")
        // Layers with weights were counted twice.
        .replace("conv2d_1", "conv2d_2");
    const renamed = Object.entries(groups).map(([path, weights]) => [older(path), weights] as const);
    const old = readKeras(kerasArchive(model, checkpoint(Object.fromEntries(renamed))), "a.keras");
    expect(firsts(old, "attention")).toEqual([30, 31, 32, 33]);
    expect(firsts(old, "base", "second")).toEqual([3]);
    const part = (parts: readonly string[]) =>
      checkpoint(
        Object.fromEntries(
          Object.entries(groups).filter(([path]) => parts.some((name) => path.includes(name))),
        ),
      );
    const archive = zipSync(
      {
        "metadata.json": strToU8('{"keras_version": "3.5.0"}'),
        "config.json": strToU8(JSON.stringify(model)),
        "model.weights.json": strToU8("{}"),
        "model_00000.weights.h5": part(["functional", "transpose", "query", "key"]),
        "model_00001.weights.h5": part(["output", "value", "dropout", "distributed"]),
      },
      { level: 0 },
    );
    expectAll(readKeras(archive, "a.keras"));
  });

  it("is refused in words when it is another, not whole, or made to fill the memory", () => {
    const refusal = (bytes: Uint8Array) => () => readKeras(bytes, "a.keras");
    expect(refusal(zipSync({ "data.pkl": strToU8("x"), version: strToU8("3") }))).toThrow(
      new UserError(
        "a.keras is a zip archive, but not a model of Keras's with weights in HDF5: it holds data.pkl and version.",
      ),
    );
    const whole = kerasArchive(model, checkpoint({}));
    const broken = new UserError("a.keras is not a whole zip file; copy or save it again.");
    expect(refusal(whole.subarray(0, whole.length - 30))).toThrow(broken);
    const bomb = Buffer.from(kerasArchive(model, new Uint8Array(100_000), 6));
    // Its directory says that the weights are larger than deflate could have made them.
    const at = bomb.lastIndexOf("model.weights.h5") - 46 + 24;
    expect(bomb.readUInt32LE(at)).toBe(100_000);
    bomb.writeUInt32LE(4_000_000_000, at);
    expect(refusal(bomb)).toThrow(broken);
    bomb.writeUInt32LE(99_999, at);
    expect(refusal(bomb)).toThrow(broken);
    expect(refusal(kerasArchive(model, new Uint8Array(100)))).toThrow(
      new UserError("a.keras (model.weights.h5) is not an HDF5 file; give one that h5py or Keras wrote."),
    );
  });

  it("is HDF5 if that is what is in the file", () => {
    const path = join(desk, "old.keras");
    writeFileSync(path, kerasH5(model, { up: [weight("up/kernel:0", 1)] }));
    expect(found(openKeras(path), "up")).toEqual([["up/kernel:0", 1]]);
  });
});
