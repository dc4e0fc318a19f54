import type { BenchCase } from "../case.ts";
import { STEP_GFLOP, stepRunner } from "../network.ts";
import { timed } from "../timing.ts";

export const step: BenchCase = {
  name: "step",
  summary: "one training step of the notebook's network, batch 20, RMSprop",
  async run({ repeat, report }) {
    const { run, program } = await stepRunner();
    report(await timed("step", "onnxruntime", run, repeat, STEP_GFLOP));
    await program.dispose();
  },
};
