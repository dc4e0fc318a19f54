import { webEngine } from "../../src/browser.ts";
import { type Outcome, scenario } from "./scenario.ts";

/** What the test calls in the page. */
declare global {
  var run: () => Promise<Outcome>;
}

globalThis.run = () => scenario(webEngine({ wasmPaths: "/onnxruntime/" }));
