import { float32, tensor } from "../../../src/base/tensor.ts";
import { float, int, string } from "../../../src/graph/graph.ts";
import { type Draws, operator } from "../finite-differences.ts";
import { type Cases, type DrawCase, fusible } from "./draws.ts";

const gemm: DrawCase = (d) => {
  const [m, k, n] = d.shape(3) as [number, number, number];
  const [transA, transB] = [d.flag(), d.flag()];
  const bias = d.pick([undefined, [], [n], [1, n], [m, 1], [m, n]]);
  return operator(
    "Gemm",
    [
      d.values(transA ? [k, m] : [m, k]),
      d.values(transB ? [n, k] : [k, n]),
      ...(bias ? [d.values(bias)] : []),
    ],
    {
      attributes: {
        transA: int(Number(transA)),
        transB: int(Number(transB)),
        ...(d.flag() ? { alpha: float(0.5), beta: float(-1.5) } : {}),
      },
    },
  );
};

/** Shapes of two operands of a batched product, their batches broadcasting. */
function batches(d: Draws): [number[], number[]] {
  const batch = d.shape(d.integer(0, 2), 1, 3);
  const thin = (): number[] =>
    batch.map((extent) => (d.flag() ? 1 : extent)).slice(d.integer(0, batch.length));
  return d.flag() ? [batch, thin()] : [thin(), batch];
}

const matMul: DrawCase = (d) => {
  const [m, k, n] = d.shape(3) as [number, number, number];
  const [left, right] = batches(d);
  return d.pick([
    () => operator("MatMul", [d.values([...left, m, k]), d.values([...right, k, n])]),
    () => operator("MatMul", [d.values([k]), d.values([...right, k, n])]),
    () => operator("MatMul", [d.values([...left, m, k]), d.values([k])]),
    () => operator("MatMul", [d.values([k]), d.values([k])]),
  ])();
};

const fusedMatMul: DrawCase = (d) => {
  const [m, k, n] = d.shape(3) as [number, number, number];
  const [left, right] = batches(d);
  const [transA, transB] = [d.flag(), d.flag()];
  return operator(
    "FusedMatMul",
    [d.values([...left, ...(transA ? [k, m] : [m, k])]), d.values([...right, ...(transB ? [n, k] : [k, n])])],
    {
      domain: "com.microsoft",
      attributes: {
        transA: int(Number(transA)),
        transB: int(Number(transB)),
        ...(d.flag() ? { alpha: float(0.5) } : {}),
      },
    },
  );
};

/** One to three operands that share letters, with ellipses or without, the result given or implied. */
const einsum: DrawCase = (d) => {
  const letters = d.shuffled(["i", "j", "k", "l"]).slice(0, d.integer(1, 4));
  const extents = new Map(letters.map((letter) => [letter, d.integer(1, 3)]));
  const dotted = d.pick([undefined, undefined, d.shape(d.integer(1, 2), 1, 2)]);
  const terms = Array.from({ length: d.integer(1, 3) }, () =>
    d.shuffled(letters).slice(0, d.integer(1, letters.length)),
  );
  const used = [...new Set(terms.flat())];
  const dots = dotted ? "..." : "";
  const result = d.shuffled(used).slice(0, d.integer(0, used.length));
  const [before, after] = d.flag() ? [dots, ""] : ["", dots];
  const operands = terms.map((term) => {
    const own = term.map((letter) => extents.get(letter)!);
    // What an ellipsis stands for broadcasts.
    const inner = (dotted ?? []).map((extent) => (d.flag() ? 1 : extent));
    return d.values(before ? [...inner, ...own] : [...own, ...inner]);
  });
  const left = terms.map((term) => before + term.join("") + after).join(d.pick([",", ", "]));
  const equation = d.flag() ? left : `${left}->${before}${result.join("")}${after}`;
  return operator("Einsum", operands, { attributes: { equation: string(equation) } });
};

const fusedGemm: DrawCase = (d) => {
  const [m, k] = d.shape(2) as [number, number];
  const small = { low: -0.2, high: 0.2 };
  const [transA, transB] = [d.flag(), d.flag()];
  const [name, [alpha, beta]] = d.pick([...fusible, ["Elu", [0.5]] as const]);
  return operator(
    "FusedGemm",
    [
      d.values(transA ? [k, m] : [m, k], small),
      d.values(transB ? [2, k] : [k, 2], small),
      float32([2], [1.2, -1.2]),
    ],
    {
      domain: "com.microsoft",
      attributes: {
        transA: int(Number(transA)),
        transB: int(Number(transB)),
        activation: string(name),
        ...(alpha === undefined ? {} : { activation_alpha: float(alpha) }),
        ...(beta === undefined ? {} : { activation_beta: float(beta) }),
      },
    },
  );
};

/** Heads as an axis or side by side, several of queries to one of keys, causal or masked by truth or by numbers. */
const attention: DrawCase = (d) => {
  const [batch, keyHeads, times] = d.shape(3, 1, 2) as [number, number, number];
  const [size, valueSize] = d.shape(2, 1, 3) as [number, number];
  const queryHeads = keyHeads * times;
  const causal = d.flag();
  const rows = d.integer(1, 3);
  const columns = causal ? rows : d.integer(1, 3);
  const flat = d.flag();
  const shape = (heads: number, length: number, width: number): number[] =>
    flat ? [batch, length, heads * width] : [batch, heads, length, width];
  const inputs = [
    d.values(shape(queryHeads, rows, size)),
    d.values(shape(keyHeads, columns, size)),
    d.values(shape(keyHeads, columns, valueSize)),
  ];
  const masks = [
    [rows, columns],
    [batch, 1, rows, columns],
    [1, queryHeads, rows, columns],
  ];
  const mask = d.pick(masks);
  // Whoever looks at nothing at all gets no numbers: each looks at the first.
  const count = mask.reduce((product, extent) => product * extent, 1);
  const seen = Uint8Array.from({ length: count }, (_, at) => (at % columns ? d.integer(0, 1) : 1));
  const kind = d.pick(["none", "numbers", "truth"]);
  return operator("Attention", kind === "numbers" ? [...inputs, d.values(mask)] : inputs, {
    opset: d.pick([23, 24]),
    ...(kind === "truth" ? { constants: { 3: tensor("bool", mask, seen) } } : {}),
    attributes: {
      ...(causal ? { is_causal: int(1) } : {}),
      ...(flat ? { q_num_heads: int(queryHeads), kv_num_heads: int(keyHeads) } : {}),
      ...(d.flag() ? { scale: float(0.7) } : {}),
    },
  });
};

export const productCases: Cases = {
  Attention: attention,
  Einsum: einsum,
  Gemm: gemm,
  MatMul: matMul,
  "com.microsoft.FusedGemm": fusedGemm,
  "com.microsoft.FusedMatMul": fusedMatMul,
};
