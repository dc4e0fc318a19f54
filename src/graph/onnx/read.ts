import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { ByteSource } from "../../base/byte-source.ts";
import { UserError } from "../../base/errors.ts";
import { type Graph, OPSET } from "../graph.ts";
import { arrange } from "./arrange.ts";
import { inlineBranches } from "./inline.ts";
import { prune } from "./prune.ts";
import { readGraph } from "./read-graph.ts";
import { type Input, readPair } from "./read-tensor.ts";
import { model, pairFields } from "./schema.ts";
import { upgrade } from "./upgrade/index.ts";
import { canonical, each, integer, nested } from "./wire.ts";

/** Operator sets that can be read: older ones are upgraded, newer ones than ours differ in nothing that we touch. */
const OPSETS = { lowest: 7, highest: 24 };

/**
 * Reads an `.onnx` file. Weights stay views of its bytes; of a `ByteSource` they stay unread until they are asked for. Numbers
 * of other floating point types become float32, an If whose condition is a constant becomes its branch, and operators take
 * the form that they have in `OPSET`.
 * @param source what to call the file in errors
 * @throws UserError when it is not a whole ONNX model, or uses what we cannot read, by name.
 */
export function readOnnx(
  file: Uint8Array | ByteSource,
  source: string,
  options: Pick<Input, "external"> = {},
): Graph {
  try {
    return readModel({ ...options, ...(file instanceof Uint8Array ? { bytes: file } : prune(file)) });
  } catch (error) {
    throw error instanceof UserError
      ? new UserError(`${source}: ${error.message}`)
      : readingError(error, source);
  }
}

/** What to tell of a file that could not be read; an error that a person can do something about stays as it is. */
function readingError(error: unknown, source: string): unknown {
  // The wire library reports a cut or foreign file as RangeError or Error; which of the two says nothing to a person.
  if (error instanceof UserError || !(error instanceof Error)) return error;
  return new UserError(
    `${source} is truncated or not an ONNX file (${error.message}); export or copy it again.`,
  );
}

function readModel(input: Input): Graph {
  const r = new BinaryReader(input.bytes);
  const metadata = new Map<string, string>();
  let graph: Graph | undefined;
  const opsets = new Map<string, number>();
  each(r, r.len, (field) => {
    if (field === model.graph) graph = readGraph(r, input, nested(r));
    else if (field === model.opsetImport) {
      const [domain, version] = readOpset(r);
      opsets.set(domain, version);
    } else if (field === model.metadata) {
      const [key, value] = readPair(r);
      metadata.set(key, value);
    } else if (field === model.functions)
      throw new UserError(
        "it defines operators of its own, which cannot be read; inline them with onnx.inliner.inline_local_functions.",
      );
    else return false;
    return true;
  });
  const opset = opsets.get("");
  if (!graph || opset === undefined) throw new Error("no graph or operator set in it");
  const missing = graph.nodes.find(({ domain }) => !opsets.has(domain));
  if (missing) throw new Error(`no operator set "${missing.domain}" in it`);
  if (opset < OPSETS.lowest || opset > OPSETS.highest)
    throw new UserError(
      `opset ${opset} cannot be read; export the model with opset ${OPSETS.lowest} to ${OPSETS.highest}.`,
    );
  const upgraded = upgrade(inlineBranches(arrange(graph)), opset);
  return { ...upgraded, opset: Math.max(opset, OPSET), metadata };
}

function readOpset(r: BinaryReader): [string, number] {
  let [domain, version] = ["", 0];
  each(r, nested(r), (field) => {
    if (field === pairFields.first) domain = r.string();
    else if (field === pairFields.second) version = integer(r);
    else return false;
    return true;
  });
  return [canonical(domain), version];
}
