import { parseArgs } from "node:util";
import { float32 } from "../src/base/tensor.ts";
import { explain, findMethod } from "../src/explain/explain.ts";
import type { OptionValues } from "../src/explain/option.ts";
import { openModel } from "../src/model/open.node.ts";
import { forward } from "../src/model/predict.ts";
import { uniform } from "./network.ts";

// A process of its own, whose peak of memory is that of one explanation: MODEL [METHOD], or the forward pass alone.
const { positionals } = parseArgs({ allowPositionals: true });
const [path, name] = positionals as [string, string?];
const model = await openModel(path);
const { channels, height, width } = model.input;
const image = float32([1, channels, height, width], uniform([channels, height, width]).data);
await forward(model, image);
if (name !== undefined) {
  // Memory does not hang on how long it goes on, but on how much is asked at once.
  const few: Partial<OptionValues> = { samples: 32, steps: 16 };
  const taken = Object.entries(few).filter(([key]) => key in findMethod(name).options);
  await explain(model, image, {
    ...{ method: name, target: 0, memory: 1e9, batch: 1000 },
    options: Object.fromEntries(taken),
  });
}
// In kilobytes, whatever the system.
console.log(JSON.stringify({ gigabytes: (process.resourceUsage().maxRSS * 1024) / 1e9 }));
