import type { QuadratureRule } from "./option.ts";

/** `∫₀¹ f(α) dα ≈ Σ weights[k] · f(nodes[k])`, the nodes in ascending order. */
export interface Quadrature {
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

/**
 * A rule with n points on [0, 1]; a single point lies in the middle where a rule has both ends. `gauss-legendre` is exact for polynomials
 * up to degree 2n − 1, `trapezoid` and `riemann-middle` for straight lines. `graded` is Gauss–Legendre in ∛α, whose points crowd near 0: there,
 * where a picture comes out of its baseline, the scores of networks change most. Two are other libraries' and less exact: Captum's
 * `riemann-trapezoid`, whose weights add up to (n − 1) / n, and iNNvestigate's and PAIR's `mean`, which counts the ends in full.
 */
export function quadrature(rule: QuadratureRule, n: number): Quadrature {
  return rules[rule](n);
}

const rules: Readonly<Record<QuadratureRule, (n: number) => Quadrature>> = {
  "riemann-left": (n) => equal(n, (k) => k / n),
  "riemann-right": (n) => equal(n, (k) => (k + 1) / n),
  "riemann-middle": (n) => equal(n, (k) => (k + 0.5) / n),
  trapezoid: (n) => endsHalved(n, 1 / (n - 1)),
  "riemann-trapezoid": (n) => endsHalved(n, 1 / n),
  mean: (n) => equal(n, endToEnd(n)),
  "gauss-legendre": gaussLegendre,
  graded,
};

const endToEnd =
  (n: number) =>
  (k: number): number =>
    n === 1 ? 0.5 : k / (n - 1);

function equal(n: number, node: (k: number) => number): Quadrature {
  return { nodes: Array.from({ length: n }, (_, k) => node(k)), weights: new Array<number>(n).fill(1 / n) };
}

function endsHalved(n: number, share: number): Quadrature {
  const { nodes, weights } = equal(n, endToEnd(n));
  if (n === 1) return { nodes, weights };
  return { nodes, weights: weights.map((_, k) => (k === 0 || k === n - 1 ? share / 2 : share)) };
}

function graded(n: number): Quadrature {
  const { nodes, weights } = gaussLegendre(n);
  return {
    nodes: nodes.map((u) => u ** 3),
    weights: weights.map((weight, k) => 3 * nodes[k]! ** 2 * weight),
  };
}

/** The roots of the Legendre polynomial Pₙ by Newton's method, moved from [−1, 1]; weights 1 / ((1 − x²) Pₙ′(x)²), half of those there. */
function gaussLegendre(n: number): Quadrature {
  const nodes = new Array<number>(n);
  const weights = new Array<number>(n);
  for (let k = 0; k < n; k++) {
    let x = -Math.cos((Math.PI * (k + 0.75)) / (n + 0.5));
    let slope = 1;
    // It converges quadratically from this start: six steps reach the last bit for every n.
    for (let step = 0; step < 6; step++) {
      const { value, before } = legendre(n, x);
      slope = (n * (x * value - before)) / (x * x - 1);
      x -= value / slope;
    }
    nodes[k] = (1 + x) / 2;
    weights[k] = 1 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}

/** Pₙ(x) and Pₙ₋₁(x), by Bonnet's recursion. */
function legendre(n: number, x: number): { readonly value: number; readonly before: number } {
  let [before, value] = [1, x];
  for (let degree = 1; degree < n; degree++)
    [before, value] = [value, ((2 * degree + 1) * x * value - degree * before) / (degree + 1)];
  return { value, before };
}
