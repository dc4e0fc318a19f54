import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { basename, dirname, resolve } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeEngine } from "../../src/engine/node.ts";
import { bundle } from "./bundle.ts";
import { type Outcome, scenario } from "./scenario.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const present = existsSync(executablePath);
if (!present)
  console.log(
    `skipped: the library in a browser, because there is no ${executablePath} (install chromium, or set CHROMIUM)`,
  );

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** ‖a − b‖ / ‖b‖. */
function difference(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  const norm = (values: readonly number[]): number => Math.hypot(...values);
  return norm(a.map((value, at) => value - b[at]!)) / norm(b);
}

describe.skipIf(!present)("the library in Chromium", () => {
  let server: Server;
  let browser: Browser;
  let here: Outcome;
  let there: Outcome;

  beforeAll(async () => {
    const { outputFiles } = await bundle(["test/package/page.ts"]);
    server = createServer(
      serve(new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]))),
    );
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    browser = await chromium.launch({ executablePath, args: flags });
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page
      .waitForFunction(() => "run" in globalThis, null, { timeout: 10_000 })
      .catch(() => {
        throw new Error(`the page did not start: ${errors.join("; ")}`);
      });
    there = await page.evaluate(() => globalThis.run());
    here = await scenario(nodeEngine({ threads: 1 }));
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test("runs on the engine for browsers", () => {
    expect(there.engine).toMatch(/^onnxruntime-web /);
    expect(here.engine).toMatch(/^onnxruntime-node /);
  });

  test("predicts what Node predicts", () => {
    expect(difference(there.logits, here.logits)).toBeLessThan(1e-4);
  });

  test("draws Node's heatmap", () => {
    expect(Math.max(...here.heatmap)).toBeGreaterThan(0);
    expect(difference(there.heatmap, here.heatmap)).toBeLessThan(1e-4);
  });

  test("learns from a training step what Node learns", () => {
    expect(Math.abs(there.loss / here.loss - 1)).toBeLessThan(1e-4);
    expectSameChanges(there.changes, here.changes);
  });

  test("makes Node's features of pictures, and learns a head on them", () => {
    expect(Math.max(...here.features)).toBeGreaterThan(0);
    expect(difference(there.features, here.features)).toBeLessThan(1e-4);
    expectSameChanges(there.head, here.head);
  });
});

function expectSameChanges(there: Outcome["changes"], here: Outcome["changes"]): void {
  expect(Object.keys(there)).toEqual(Object.keys(here));
  for (const [name, change] of Object.entries(here)) {
    expect(Math.max(...change.map(Math.abs)), `${name} stands still`).toBeGreaterThan(0);
    expect(difference(there[name]!, change), name).toBeLessThan(1e-4);
  }
}

/** A page with the bundle, and ONNX Runtime's WebAssembly beside it. */
function serve(bundled: ReadonlyMap<string, Uint8Array>): Parameters<typeof createServer>[1] & {} {
  const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
  const types: Record<string, string> = {
    js: "text/javascript",
    mjs: "text/javascript",
    wasm: "application/wasm",
  };
  return async ({ url = "/" }, response) => {
    const name = basename(url);
    const content =
      url === "/"
        ? '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>'
        : (bundled.get(name) ?? (await readFile(resolve(runtime, name)).catch(() => undefined)));
    response.writeHead(content ? 200 : 404, {
      "content-type": types[name.split(".").at(-1)!] ?? "text/html",
    });
    response.end(content);
  };
}
