import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { root } from "./tree.ts";

const example = `
import { openModel, readImage, explain, overlay, writePng } from "convscope";

const model = await openModel("vgg16.onnx");
const image = await readImage("dog.jpg");
const { attribution, target } = await explain(model, image, { method: "grad-cam" }); // target: the top class
await writePng("dog.grad-cam.png", overlay(image, attribution, { colormap: "plasma" }));
console.log(target.label, target.probability);
`;

const inBrowser = `
import { type Engine, explain, type Explanation, type Image, smallConvnet, webEngine } from "convscope";

const engine: Engine = webEngine({ wasmPaths: "/onnxruntime/" });
const model = { ...smallConvnet({ classes: ["cat", "dog"] }), source: "page", engine };
export const look = (image: Image): Promise<Explanation> => explain(model, image);
`;

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const tsc = require.resolve("typescript/bin/tsc");

/** Runs a Node script; a failure shows what it printed. */
async function node(cwd: string, ...words: string[]): Promise<string> {
  try {
    return (await run(process.execPath, words, { cwd })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${words.join(" ")}\n${stdout}${stderr}`);
  }
}

/** Packs the tree as it is now, without touching the repository's own `dist/`. */
async function pack(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { files: string[] };
  await node(root, "scripts/build.mjs", join(folder, "dist"));
  const shipped = (await readdir(root)).filter(
    (name) =>
      /^(package\.json|readme|licen[cs]e)/i.test(name) || (manifest.files.includes(name) && name !== "dist"),
  );
  for (const name of shipped) await cp(join(root, name), join(folder, name), { recursive: true });
  // No scripts: `prepare` would build once more.
  const words = ["pack", "--ignore-scripts", "--json"];
  const { stdout } = await run("npm", words, { cwd: folder, shell: process.platform === "win32" });
  return join(folder, (JSON.parse(stdout) as [{ filename: string }])[0].filename);
}

/** A project with the tarball unpacked in its `node_modules`, beside the packages that its manifest asks for: no others. */
async function install(tarball: string, project: string): Promise<void> {
  const home = join(project, "node_modules/convscope");
  await mkdir(home, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", home, "--strip-components=1"]);
  const { dependencies } = JSON.parse(await readFile(join(home, "package.json"), "utf8"));
  for (const name of [...Object.keys(dependencies), "@types/node", "undici-types"]) {
    const link = join(project, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, "node_modules", name), link, "junction");
  }
}

describe("the packed package", () => {
  let base: string;
  let project: string;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), "convscope-package-"));
    await mkdir(join(base, "pack"));
    project = join(base, "project");
    await install(await pack(join(base, "pack")), project);
    await writeFile(join(project, "package.json"), '{ "type": "module" }\n');
    await writeFile(join(project, "example.ts"), example);
    await writeFile(join(project, "page.ts"), inBrowser);
    const network = smallConvnet({ classes: ["cat", "dog"], size: 32, filters: [4, 8], units: 8 });
    await writeFile(join(project, "vgg16.onnx"), writeOnnx(network.graph));
    await sharp({ create: { width: 60, height: 40, channels: 3, background: "#864" } })
      .jpeg()
      .toFile(join(project, "dog.jpg"));
  }, 120_000);

  afterAll(async () => {
    await rm(base, { recursive: true, force: true });
  });

  const check = (...words: string[]): Promise<string> =>
    node(project, tsc, "--strict", "--exactOptionalPropertyTypes", "--target", "es2023", ...words);

  test("holds the library, the command line, the licence, and no source or test", async () => {
    const home = join(project, "node_modules/convscope");
    expect((await readdir(home)).sort()).toEqual(
      ["CHANGELOG.md", "LICENSE", "README.md", "dist", "package.json"].filter(
        (name) => existsSync(join(root, name)) || name === "dist",
      ),
    );
    const { bin } = JSON.parse(await readFile(join(home, "package.json"), "utf8"));
    const { mode } = await stat(join(home, bin.convscope));
    expect(mode & 0o111, "the command is executable").toBe(0o111);
  });

  test("its types serve a project that resolves as Node does", async () => {
    await check("--module", "nodenext", "--types", "node", "example.ts");
  });

  test("its types serve a project that resolves as bundlers do", async () => {
    await check(
      "--module",
      "esnext",
      "--moduleResolution",
      "bundler",
      "--types",
      "node",
      "--noEmit",
      "example.ts",
    );
  });

  test("its types in a browser are those of the browser's entry", async () => {
    const browser = ["--moduleResolution", "bundler", "--customConditions", "browser"];
    const page = ["--lib", "es2023,dom", "--noEmit", "page.ts"];
    await check("--module", "esnext", ...browser, ...page);
  });

  test("the README's TypeScript is correct", async () => {
    const readme = await readFile(join(root, "README.md"), "utf8");
    const blocks = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code!);
    expect(blocks.length).toBeGreaterThan(0);
    const files = blocks.map((_, at) => `readme-${at}.ts`);
    for (const [at, file] of files.entries())
      await writeFile(join(project, file), `${blocks[at]}\nexport {};\n`);
    await check("--module", "nodenext", "--types", "node", "--noEmit", ...files);
  });

  test("the example does what it says", async () => {
    await check("--module", "nodenext", "--types", "node", "example.ts");
    expect(await node(project, "example.js")).toMatch(/^(cat|dog) 0\.\d+\n$/);
    const { width, height, format } = await sharp(join(project, "dog.grad-cam.png")).metadata();
    expect({ width, height, format }).toEqual({ width: 60, height: 40, format: "png" });
  });

  test("the command line runs", async () => {
    const main = resolve(project, "node_modules/convscope/dist/cli/main.js");
    expect(await node(project, main, "--help")).toContain("Usage: convscope");
    expect(await node(project, main, "summary", "vgg16.onnx")).toContain("conv2d_1 (Conv2D)");
  });
});
