import { describe, expect, test } from "vitest";
import { quadrature } from "../../src/explain/quadrature.ts";

const integral = (rule: Parameters<typeof quadrature>[0], n: number, f: (x: number) => number): number => {
  const { nodes, weights } = quadrature(rule, n);
  return nodes.reduce((sum, node, k) => sum + weights[k]! * f(node), 0);
};

test.each([
  ["riemann-left", [0, 0.25, 0.5, 0.75], [0.25, 0.25, 0.25, 0.25]],
  ["riemann-right", [0.25, 0.5, 0.75, 1], [0.25, 0.25, 0.25, 0.25]],
  ["riemann-middle", [0.125, 0.375, 0.625, 0.875], [0.25, 0.25, 0.25, 0.25]],
  ["trapezoid", [0, 1 / 3, 2 / 3, 1], [1 / 6, 1 / 3, 1 / 3, 1 / 6]],
  ["riemann-trapezoid", [0, 1 / 3, 2 / 3, 1], [0.125, 0.25, 0.25, 0.125]],
  ["mean", [0, 1 / 3, 2 / 3, 1], [0.25, 0.25, 0.25, 0.25]],
] as const)("%s with four points", (rule, nodes, weights) => {
  expect(quadrature(rule, 4)).toEqual({ nodes, weights });
});

describe("gauss-legendre", () => {
  test("three points, as tables have them", () => {
    const { nodes, weights } = quadrature("gauss-legendre", 3);
    const expected = [0.5 - Math.sqrt(0.15), 0.5, 0.5 + Math.sqrt(0.15)];
    for (const k of [0, 1, 2]) {
      expect(nodes[k]).toBeCloseTo(expected[k]!, 15);
      expect(weights[k]).toBeCloseTo([5 / 18, 4 / 9, 5 / 18][k]!, 15);
    }
  });

  test.each([1, 2, 5, 50, 51, 300])("%i points are exact up to degree 2n − 1", (n) => {
    expect(integral("gauss-legendre", n, () => 1)).toBeCloseTo(1, 13);
    for (const degree of [n, 2 * n - 1])
      expect(integral("gauss-legendre", n, (x) => (degree + 1) * x ** degree)).toBeCloseTo(1, 12);
    const { nodes } = quadrature("gauss-legendre", n);
    expect(nodes.every((node, k) => node > (nodes[k - 1] ?? 0) && node < 1)).toBe(true);
  });

  test("and not beyond", () => {
    expect(Math.abs(integral("gauss-legendre", 2, (x) => x ** 4) - 0.2)).toBeGreaterThan(1e-3);
  });
});

test("graded is exact in the cube root, and crowds near zero", () => {
  for (const power of [0, 1 / 3, 2 / 3, 1, 3])
    expect(integral("graded", 20, (x) => (power + 1) * x ** power)).toBeCloseTo(1, 12);
  const { nodes } = quadrature("graded", 20);
  expect(nodes.filter((node) => node < 0.125).length).toBe(10);
});

test.each(["trapezoid", "riemann-trapezoid", "mean", "riemann-middle", "gauss-legendre"] as const)(
  "a single point of %s is the middle",
  (rule) => {
    const { nodes, weights } = quadrature(rule, 1);
    expect(nodes[0]).toBeCloseTo(0.5, 15);
    expect(weights[0]).toBeCloseTo(1, 14);
  },
);
