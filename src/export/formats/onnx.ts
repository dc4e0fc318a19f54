import { UserError } from "../../base/errors.ts";
import type { Picture } from "../../base/picture.ts";
import { bytesPerElement, sizeOf, type Tensor, tensor } from "../../base/tensor.ts";
import type { Graph } from "../../graph/graph.ts";
import { writeOnnx } from "../../graph/onnx/write.ts";
import { storedGraph, withDescription } from "../../model/description.ts";
import { PHOTO } from "../../model/model.ts";
import { toBatch } from "../../model/predict.ts";
import type { ExportFormat } from "../format.ts";
import { withPreprocessing } from "../with-preprocessing.ts";

const FILE = "model.onnx";

/** The network's own graph in one file, its weights inside. */
export const onnx: ExportFormat = {
  name: "onnx",
  summary: "one file for ONNX Runtime, in any language",
  makes: "file",
  write(network, options) {
    const graph = options.withPreprocessing
      ? withDescription({ ...network, graph: withPreprocessing(network) }).graph
      : storedGraph(withDescription(network));
    checkSize(graph);
    return { files: new Map([[FILE, writeOnnx(graph)]]), inputs: graph.inputs, outputs: graph.outputs };
  },
  async run({ files, inputs }, image, { engine, input }) {
    const feeds = inputs.some(({ name }) => name === PHOTO)
      ? { [PHOTO]: pixels(image as Picture) }
      : { [input.name]: toBatch(input, image) };
    const program = await engine.load(files.get(FILE)!);
    return program.run(feeds).finally(() => program.dispose());
  },
};

/** Bytes of a message of protobuf, in which an ONNX file is written, are fewer than this. */
const MOST_BYTES = 2 ** 31;

function checkSize({ initializers }: Graph): void {
  const size = [...initializers.values()].reduce(
    (sum, { dtype, shape }) => sum + sizeOf(shape) * bytesPerElement(dtype),
    0,
  );
  if (size >= MOST_BYTES)
    throw new UserError(
      `The network has ${(size / 1e9).toFixed(1)} GB of weights, and one ONNX file holds less than ${(MOST_BYTES / 1e9).toFixed(1)} GB; use the model that you have, its data beside it.`,
    );
}

const pixels = ({ height, width, data }: Picture): Tensor => tensor("uint8", [height, width, 3], data);
