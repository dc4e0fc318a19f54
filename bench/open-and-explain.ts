import { float32 } from "../src/base/tensor.ts";
import { explain } from "../src/explain/explain.ts";
import { openModel } from "../src/model/open.node.ts";

// A process of its own, as memory that another has given back still counts as resident: opens the file that it is given.
const start = performance.now();
const model = await openModel(process.argv[2]!);
const opened = performance.now();
const { channels, height, width } = model.input;
await explain(model, float32([channels, height, width], new Float32Array(channels * height * width)));
const { maxRSS } = process.resourceUsage();
console.log(
  JSON.stringify({
    open_ms: opened - start,
    total_ms: performance.now() - start,
    // In kilobytes, whatever the system.
    gigabytes: (maxRSS * 1024) / 2 ** 30,
  }),
);
