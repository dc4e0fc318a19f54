import { describe, expect, it } from "vitest";
import { rules } from "../../src/autodiff/rules/index.ts";
import { cases } from "./cases.ts";
import { checkGradients, checkSecondGradient } from "./finite-differences.ts";

/** Many more than this were run when the rules were written: `FD_RUNS=400 npx vitest run test/autodiff/rules.test.ts`. */
const runs = Number(process.env.FD_RUNS ?? 20);

describe("gradient rules against finite differences", () => {
  it("has a case for every rule, and no other", () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(rules).sort());
  });

  it.for(Object.keys(rules))("%s", { timeout: 1000 * runs }, (name) =>
    checkGradients(cases[name]!, { runs }),
  );
});

describe("gradients of gradients", () => {
  it.for(Object.keys(rules))("%s", { timeout: 1000 * runs }, (name) =>
    checkGradients(cases[name]!, { runs: Math.ceil(runs / 6), check: checkSecondGradient }),
  );
});
