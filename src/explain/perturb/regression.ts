import { UserError } from "../../base/errors.ts";

const TOO_FEW = "The samples do not tell the segments apart; take more samples, or fewer segments.";

/** What linear models are fitted to: rows of k features, a value and a weight for each. */
export interface Samples {
  /** How many features, k. */
  readonly features: number;
  readonly rows: readonly ArrayLike<number>[];
  readonly values: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** Weighted means of products, of which every fit is made. */
export interface Moments {
  /** Of features with features, `[k][k]`. */
  readonly gram: readonly Float64Array[];
  /** Of features with the value. */
  readonly products: Float64Array;
  /** Of the value with itself. */
  readonly square: number;
  /** Sum of the weights. */
  readonly weight: number;
}

/**
 * @param centred about the weighted means, which stands for a model with an intercept
 * @throws UserError when there are fewer rows than features
 */
export function momentsOf({ features: count, rows, values, weights }: Samples, centred: boolean): Moments {
  if (rows.length < count) throw new UserError(TOO_FEW);
  const weight = Array.from(weights).reduce((a, b) => a + b, 0);
  const means = new Float64Array(count + 1);
  if (centred)
    rows.forEach((row, at) => {
      for (let i = 0; i < count; i++) means[i]! += (weights[at]! * row[i]!) / weight;
      means[count]! += (weights[at]! * values[at]!) / weight;
    });
  const gram = Array.from({ length: count }, () => new Float64Array(count));
  const products = new Float64Array(count);
  let square = 0;
  const parts = new Float64Array(count);
  rows.forEach((row, at) => {
    const share = weights[at]! / weight;
    const value = values[at]! - means[count]!;
    square += share * value * value;
    for (let i = 0; i < count; i++) parts[i] = row[i]! - means[i]!;
    for (let i = 0; i < count; i++) {
      products[i]! += share * parts[i]! * value;
      for (let j = 0; j <= i; j++) gram[i]![j]! += share * parts[i]! * parts[j]!;
    }
  });
  for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) gram[j]![i] = gram[i]![j]!;
  return { gram, products, square, weight };
}

/**
 * Coefficients with the least `Σ w (y − x·β)² + shrinkage · |β|²`, as scikit-learn's `Ridge`.
 * @throws UserError when the samples leave them open
 */
export function ridge({ gram, products, weight }: Moments, shrinkage: number): Float64Array {
  const rows = gram.map((row, at) => row.map((value, i) => (i === at ? value + shrinkage / weight : value)));
  return solved(rows, products);
}

/** Coefficients with the least `Σ w (y − x·β)² / 2 Σ w + shrinkage · |β|₁`, as scikit-learn's `Lasso`: one after the other, in turn. */
export function lasso({ gram, products, square }: Moments, shrinkage: number): Float64Array {
  const coefficients = new Float64Array(products.length);
  const least = 1e-9 * Math.sqrt(square);
  for (let sweep = 0; sweep < 10_000; sweep++) {
    let change = 0;
    gram.forEach((row, at) => {
      if (row[at] === 0) return;
      const rest = products[at]! - dot(row, coefficients) + row[at]! * coefficients[at]!;
      const next = (Math.sign(rest) * Math.max(0, Math.abs(rest) - shrinkage)) / row[at]!;
      change = Math.max(change, Math.abs(next - coefficients[at]!));
      coefficients[at] = next;
    });
    if (change <= least) break;
  }
  return coefficients;
}

/** R²: the share of the value's spread that the model explains; all of none. */
export function shareExplained({ gram, products, square }: Moments, coefficients: Float64Array): number {
  if (square === 0) return 1;
  const fitted = gram.reduce((sum, row, at) => sum + coefficients[at]! * dot(row, coefficients), 0);
  return (2 * dot(products, coefficients) - fitted) / square;
}

/** Solves a symmetric, positive definite system (Cholesky). */
function solved(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const size = matrix.length;
  const lower = matrix.map((row) => Float64Array.from(row));
  const solution = Float64Array.from(right);
  for (let i = 0; i < size; i++) {
    const row = lower[i]!;
    for (let j = 0; j <= i; j++) {
      let rest = row[j]!;
      for (let k = 0; k < j; k++) rest -= row[k]! * lower[j]![k]!;
      if (j < i) row[j] = rest / lower[j]![j]!;
      else if (rest > 1e-10 * matrix[i]![i]!) row[i] = Math.sqrt(rest);
      else throw new UserError(TOO_FEW);
    }
    for (let k = 0; k < i; k++) solution[i]! -= row[k]! * solution[k]!;
    solution[i]! /= row[i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) solution[i]! -= lower[k]![i]! * solution[k]!;
    solution[i]! /= lower[i]![i]!;
  }
  return solution;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
}
