import type { ViteUserConfig } from "vitest/config";
import type { Reporter, TestCase } from "vitest/node";

/** Says aloud what was not tested, and why. */
const skipped: Reporter = {
  onTestRunEnd(modules) {
    const cases = modules.flatMap((module) => [...module.children.allTests("skipped")]);
    for (const test of cases) console.log(`skipped: ${nameOf(test)}${reason(test)}`);
    if (cases.length) console.log(`${cases.length} skipped`);
  },
};

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`;

function reason(test: TestCase): string {
  const result = test.result();
  return result.state === "skipped" && result.note ? `: ${result.note}` : "";
}

const config: ViteUserConfig = {
  test: {
    include: ["test/**/*.test.ts"],
    // A session of ONNX Runtime keeps two cores busy; more files at once would only wait for each other.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ["default", skipped, ...(process.env.CI ? ["json"] : [])],
    outputFile: { json: "test-results.json" },
  },
};

export default config;
