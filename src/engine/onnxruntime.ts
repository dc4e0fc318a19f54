import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-common";
import { bytesOf, type DType, type Tensor } from "../base/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph, Value } from "../graph/graph.ts";
import { writeOnnx } from "../graph/onnx/write.ts";
import { reorderInput } from "../graph/operators/index.ts";
import {
  type CompileOptions,
  checkFeeds,
  type Engine,
  EngineError,
  type Program,
  type Tensors,
} from "./engine.ts";
import { withPreciseMeans } from "./means.ts";
import { packsWeights } from "./packing.ts";

/** Opens a session on a graph. */
export type OpenSession = (
  graph: Graph,
  options: InferenceSession.SessionOptions,
) => Promise<InferenceSession>;

/** What onnxruntime-node and onnxruntime-web have in common. */
export interface OnnxRuntime {
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof OrtTensor;
}

/**
 * An engine over either build of ONNX Runtime.
 * @param fills whether a run fills the tensors that it is given for its outputs. WebAssembly computes in a memory of its
 * own and leaves them as they were, without a word.
 * @param open from the graph's bytes in memory unless given
 */
export function onnxRuntimeEngine(
  ort: OnnxRuntime,
  description: string,
  options: InferenceSession.SessionOptions,
  fills: boolean,
  open: OpenSession = (graph, settings) => ort.InferenceSession.create(writeOnnx(graph), settings),
): Engine {
  const wrap = ({ dtype, shape, data }: Tensor): OrtTensor =>
    new ort.Tensor(dtype, data as Float32Array, shape);
  const programOf = (
    session: InferenceSession,
    inputs: readonly Value[],
    outputs: readonly Value[],
    profile?: string,
  ): Program => ({
    inputs,
    outputs,
    async run(feeds: Tensors, into: Tensors = {}) {
      checkFeeds(inputs, feeds);
      const fetches = Object.fromEntries(
        outputs.map(({ name }) => [name, fills && into[name] ? wrap(into[name]) : null]),
      );
      const given = Object.fromEntries(inputs.map(({ name }) => [name, wrap(feeds[name]!)]));
      const results = await session.run(given, fetches).catch(refused);
      return Object.fromEntries(
        outputs.map(({ name }) => {
          const result = unwrap(results[name]!);
          const target = into[name];
          if (target && !fills) bytesOf(target).set(bytesOf(result));
          return [name, target ?? result];
        }),
      );
    },
    async dispose() {
      if (profile) session.endProfiling();
      await session.release();
    },
  });
  let block: Promise<number | undefined> | undefined;
  return {
    description,
    async channelBlock() {
      block ??= probeChannelBlock(ort, options);
      return block;
    },
    async compile(graph: Graph, { profile, once, small }: CompileOptions = {}): Promise<Program> {
      const session = await open(withPreciseMeans(graph), {
        ...options,
        ...(small ? { intraOpNumThreads: 1 } : {}),
        ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
        ...(once ? unprepared : packsWeights(graph) ? {} : unpacked(options)),
      }).catch(refused);
      return programOf(session, graph.inputs, graph.outputs, profile);
    },
    async load(file: Uint8Array): Promise<Program> {
      const session = await ort.InferenceSession.create(file, options).catch(refused);
      return programOf(session, described(session.inputMetadata), described(session.outputMetadata));
    },
  };
}

/** What a session takes or gives, but for text. */
function described(values: readonly InferenceSession.ValueMetadata[]): Value[] {
  return values.flatMap((value) =>
    value.isTensor && value.type !== "string"
      ? [{ name: value.name, dtype: value.type as DType, shape: value.shape }]
      : [],
  );
}

/** What ONNX Runtime throws is an Error of no other kind. */
function refused(error: unknown): never {
  if (!(error instanceof Error) || error.constructor !== Error) throw error;
  throw new EngineError(error.message.trim().replaceAll(/\s+/g, " "), { cause: error });
}

/** No copies of weights in the layouts that kernels like. */
function unpacked({ extra }: InferenceSession.SessionOptions): InferenceSession.SessionOptions {
  return { extra: { ...extra, session: { ...(extra?.session as object), disable_prepacking: "1" } } };
}

/** No fusing, and no copies of weights in the layouts that kernels like. */
const unprepared: InferenceSession.SessionOptions = {
  graphOptimizationLevel: "disabled",
  ...unpacked({}),
};

/**
 * Asks ONNX Runtime how it blocks channels: four of them are filled up to one block, which the output's inferred shape
 * shows. Where it has no such layout, as in a browser, the graph is refused or comes out as it went in.
 */
async function probeChannelBlock(
  ort: OnnxRuntime,
  options: InferenceSession.SessionOptions,
): Promise<number | undefined> {
  const g = new GraphBuilder();
  const { outputs, ...graph } = g.finish("block", {
    y: reorderInput(g, g.input("x", "float32", [1, 4, 1, 1])),
  });
  const open = outputs.map((value) => ({ ...value, shape: undefined }));
  try {
    const session = await ort.InferenceSession.create(writeOnnx({ ...graph, outputs: open }), options);
    const [output] = session.outputMetadata;
    await session.release();
    const extent = output?.isTensor ? output.shape[1] : undefined;
    return typeof extent === "number" && extent > 4 ? extent : undefined;
  } catch {
    return undefined;
  }
}

function unwrap({ type, dims, data }: OrtTensor): Tensor {
  return { dtype: type, shape: dims, data } as Tensor;
}
