import fc from "fast-check";
import { gradient } from "../../src/autodiff/gradient.ts";
import { type Random, random } from "../../src/base/random.ts";
import { float32, sizeOf, type Tensor } from "../../src/base/tensor.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { nodeEngine } from "../../src/engine/node.ts";
import { traceShapes } from "../../src/engine/trace.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { type Attributes, type Graph, OPSET, type Value } from "../../src/graph/graph.ts";
import * as op from "../../src/graph/operators/index.ts";

export const engine: Engine = nodeEngine({ threads: 1 });

/** A function to differentiate: what it takes, and the nodes that make it. */
export interface Case {
  /** Differentiable inputs by name. */
  readonly inputs: Readonly<Record<string, Tensor<"float32">>>;
  /** The operator set that it must be written in; any unless said. */
  readonly opset?: number;
  /** Writes the function; constants (axes, indices, …) are its own. Outputs may have no shape: they are traced. */
  build(g: GraphBuilder, inputs: Readonly<Record<string, Value>>): Value | readonly Value[];
}

/** Half the distance between the points of a difference; perturbations reach twice that. */
const STEP = 2 ** -6;
/** How far inputs must keep from kinks and from each other where their order counts. */
export const MARGIN: number = 5 * STEP;
const EPSILON = 2 ** -24;

/**
 * Compares every wanted gradient with differences of the function along random directions and single elements.
 *
 * The function runs in float32, as all of ONNX Runtime's convolutions and pools do. So the step is long (2⁻⁶) and the
 * difference of fourth order, `(8 (f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h`, which leaves `h⁴` of truncation. Outputs are
 * weighted by the random seed and summed in float64. Allowed are 10⁻³ of the gradient's own terms `Σ |g·d|`, and what
 * rounding can do: 16 ulps of every output over the step.
 */
export async function checkGradient(test: Case, source: Random): Promise<void> {
  await compare(await differentiated(await functionOf(test), test), test.inputs, source);
}

/** The same for the gradient's own gradient: it is a function of the inputs and of the outputs' seeds. */
export async function checkSecondGradient(test: Case, source: Random): Promise<void> {
  const first = await differentiated(await functionOf(test), test);
  const seeds = first.seeds.map(({ name, shape }) => [name, uniform(source, shape as number[], -1, 1)]);
  const inputs = { ...test.inputs, ...Object.fromEntries(seeds) };
  const slopes = new Set(first.slopes.values());
  const outputs = first.graph.outputs.filter(({ name }) => slopes.has(name));
  const second = await differentiated({ ...first.graph, outputs }, { ...test, inputs });
  await compare(second, inputs, source);
}

async function compare(
  { graph, outputs, slopes }: Differentiated,
  inputs: Case["inputs"],
  source: Random,
): Promise<void> {
  const program = await engine.compile(graph);
  const seeds = Object.fromEntries(
    outputs.map(({ name, shape }) => [`seed/${name}`, uniform(source, shape as number[], -1, 1)]),
  );
  const evaluate = (changed: Case["inputs"]): Promise<Record<string, Tensor>> =>
    program.run({ ...inputs, ...changed, ...seeds });
  const score = (results: Record<string, Tensor>, absolute = false): number =>
    outputs.reduce(
      (sum, { name }) => sum + dot(results[name]!.data, seeds[`seed/${name}`]!.data, absolute),
      0,
    );
  try {
    const here = await evaluate({});
    const noise = (16 * EPSILON * (score(here, true) + 1e-3)) / STEP;
    for (const [name, slopeName] of slopes) {
      const at = inputs[name]!;
      const slope = here[slopeName]!;
      if (String(slope.shape) !== String(at.shape))
        throw new Error(`the gradient of ${name} [${at.shape}] has the shape [${slope.shape}]`);
      for (const direction of directions(source, at.data.length)) {
        const move = async (step: number): Promise<number> =>
          score(await evaluate({ [name]: moved(at, direction, step) }));
        const near = (await move(STEP)) - (await move(-STEP));
        const far = (await move(2 * STEP)) - (await move(-2 * STEP));
        const difference = (8 * near - far) / (12 * STEP);
        const claimed = dot(slope.data, direction);
        const allowed = 1e-3 * dot(slope.data, direction, true) + noise;
        // Written so that NaN fails too.
        if (!(Math.abs(claimed - difference) <= allowed))
          throw new Error(
            `the gradient of ${name} [${at.shape}] is ${claimed}, by differences ${difference} ± ${allowed}`,
          );
      }
    }
  } finally {
    await program.dispose();
  }
}

/** Draws cases from a fixed seed and checks each. */
export async function checkGradients(
  draw: (draws: Draws) => Case,
  { runs, check = checkGradient }: { runs: number; check?: typeof checkGradient },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1e9 }), fc.gen(), async (seed, gen) => {
      const source = random(seed, "finite differences");
      await check(draw(drawsFrom(source, gen)), source);
    }),
    { seed: 20261, numRuns: runs },
  );
}

/** What a case is drawn from: fast-check chooses the structure (and shrinks it), our generator the numbers. */
export interface Draws {
  integer(min: number, max: number): number;
  flag(): boolean;
  pick<T>(items: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
  /** A shape of `rank` extents. */
  shape(rank: number, min?: number, max?: number): number[];
  /** Uniform, at least MARGIN from each kink. */
  values(shape: readonly number[], options?: ValueOptions): Tensor<"float32">;
  /** All different by more than MARGIN, so that no order changes. */
  distinct(shape: readonly number[]): Tensor<"float32">;
}

export interface ValueOptions {
  readonly low?: number;
  readonly high?: number;
  readonly kinks?: readonly number[];
}

function drawsFrom(source: Random, gen: fc.GeneratorValue): Draws {
  const integer = (min: number, max: number): number => gen(fc.integer, { min, max });
  const pick = <T>(items: readonly T[]): T => items[integer(0, items.length - 1)]!;
  return {
    integer,
    flag: () => gen(fc.boolean),
    pick,
    shuffled: (items) => source.shuffle([...items]),
    shape: (rank, min = 1, max = 4) => Array.from({ length: rank }, () => integer(min, max)),
    values(shape, { low = -2, high = 2, kinks = [] } = {}) {
      const free = (): number => {
        for (;;) {
          const value = source.uniform(low, high);
          if (kinks.every((kink) => Math.abs(value - kink) > MARGIN)) return value;
        }
      };
      return float32(shape, Float32Array.from({ length: sizeOf(shape) }, free));
    },
    distinct(shape) {
      const size = sizeOf(shape);
      const places = Array.from({ length: size }, (_, at) => (at - Math.floor(size / 2)) * MARGIN);
      return float32(shape, source.shuffle(places));
    },
  };
}

/** A case of one node: `inputs` are differentiable, `constants` follow or fill the gaps by position. */
export function operator(
  name: string,
  inputs: readonly Tensor<"float32">[],
  {
    attributes = {},
    constants = {},
    outputs = 1,
    domain = "",
    opset,
  }: {
    attributes?: Attributes;
    /** Inputs that do not vary, by position; `null` leaves an optional one out. */
    constants?: Readonly<Record<number, Tensor | null>>;
    outputs?: number;
    domain?: string;
    opset?: number;
  } = {},
): Case {
  return {
    inputs: Object.fromEntries(inputs.map((tensor, at) => [`x${at}`, tensor])),
    ...(opset ? { opset } : {}),
    build(g, values) {
      const rest = Object.values(values);
      const arity = inputs.length + Object.keys(constants).length;
      const all = Array.from({ length: arity }, (_, at) => {
        const constant = constants[at];
        if (constant === undefined) return rest.shift();
        return constant ? g.constant(constant) : undefined;
      });
      const unknown = { dtype: "float32", shape: undefined } as const;
      return g.node({
        op: name,
        domain,
        inputs: all,
        attributes,
        outputs: Array.from({ length: outputs }, () => unknown),
      });
    },
  };
}

/** The case's function as a graph with every shape known. */
function functionOf(test: Case): Promise<Graph> {
  const g = new GraphBuilder();
  const inputs = Object.fromEntries(
    Object.entries(test.inputs).map(([name, { shape }]) => [name, g.input(name, "float32", shape)]),
  );
  const outputs = [test.build(g, inputs)].flat() as Value[];
  const named = Object.fromEntries(outputs.map((value, at) => [`y${at}`, value]));
  const graph = { ...g.finish("function", named), opset: test.opset ?? OPSET };
  return traceShapes(engine, graph, test.inputs);
}

interface Differentiated {
  /** From inputs and seeds to the function's outputs and the wanted gradients of `Σ seed · output`. */
  readonly graph: Graph;
  readonly outputs: readonly Value[];
  readonly seeds: readonly Value[];
  /** What the gradient of each wanted input is called. */
  readonly slopes: ReadonlyMap<string, string>;
}

async function differentiated(graph: Graph, { inputs }: Case): Promise<Differentiated> {
  const g = new GraphBuilder(graph);
  const wanted = Object.keys(inputs);
  // An input that nothing depends on has fallen out of the graph; its gradient is zero, but it is fed all the same.
  const values = wanted.map((name) =>
    graph.values.has(name) ? g.value(name) : g.input(name, "float32", inputs[name]!.shape),
  );
  const { outputs } = graph;
  const seeds = outputs.map(({ name, shape }) => g.input(`seed/${name}`, "float32", shape!));
  // Each output by itself, so that a node with several outputs also meets a score of only some of them.
  const parts = outputs.map((output, at) => gradient(g, output, values, { seed: seeds[at]! }));
  const slopes = new Map(wanted.map((name) => [name, `${graph.name}/gradient/${name}`]));
  const totals = wanted.map((name, at) => [
    slopes.get(name)!,
    op.sum(g, ...parts.map((slope) => slope[at]!)),
  ]);
  const finished = g.finish(`${graph.name}/gradient`, {
    ...Object.fromEntries(outputs.map((value) => [value.name, value])),
    ...Object.fromEntries(totals),
  });
  const known = new Set(finished.inputs.map(({ name }) => name));
  const unused = [...values, ...seeds].filter(({ name }) => !known.has(name));
  return {
    graph: { ...finished, inputs: [...finished.inputs, ...unused] },
    outputs,
    seeds,
    slopes,
  };
}

/** Two random directions and two single elements: those find an error in a corner, which a sum over many hides. */
function directions(source: Random, size: number): Float64Array[] {
  const random = (): Float64Array => Float64Array.from({ length: size }, () => source.uniform(-1, 1));
  const single = (): Float64Array => {
    const place = source.below(size);
    return Float64Array.from({ length: size }, (_, at) => Number(at === place));
  };
  return size === 0 ? [] : [random(), random(), single(), single()];
}

function moved(tensor: Tensor<"float32">, direction: Float64Array, step: number): Tensor<"float32"> {
  return float32(
    tensor.shape,
    tensor.data.map((value, at) => value + step * direction[at]!),
  );
}

function uniform(source: Random, shape: readonly number[], low: number, high: number): Tensor<"float32"> {
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => source.uniform(low, high)),
  );
}

function dot(a: Tensor["data"], b: ArrayLike<number | bigint>, absolute = false): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) {
    const product = Number(a[at]) * Number(b[at]);
    sum += absolute ? Math.abs(product) : product;
  }
  return sum;
}
