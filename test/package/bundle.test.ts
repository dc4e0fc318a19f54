import { describe, expect, test } from "vitest";
import { browserEntry, bundle } from "./bundle.ts";
import { nodeOnly, sources } from "./tree.ts";

const nativePackages = /node_modules\/(sharp|@img|onnxruntime-node|commander|picocolors)\//;

/** Packages and `node:` modules that a bundle would still ask the page for. */
const left = (metafile: Awaited<ReturnType<typeof bundle>>["metafile"]): string[] =>
  Object.values(metafile.outputs).flatMap((output) =>
    output.imports.filter(({ external }) => external).map(({ path }) => path),
  );

describe("bundled for a browser", () => {
  test("the package's browser entry needs nothing of Node", async () => {
    const { metafile, warnings } = await bundle([browserEntry()]);
    expect(warnings).toEqual([]);
    expect(left(metafile).filter((path) => path.startsWith("node:"))).toEqual([]);
    expect(Object.keys(metafile.inputs).filter((input) => nativePackages.test(input))).toEqual([]);
  });

  test("nor does any file that is not marked as Node's", async () => {
    const { metafile } = await bundle(sources.filter((file) => !nodeOnly(file)));
    expect(left(metafile).filter((path) => path.startsWith("node:"))).toEqual([]);
    expect(Object.keys(metafile.inputs).filter((input) => nativePackages.test(input))).toEqual([]);
  });

  test("a file of Node's would be found out", async () => {
    await expect(bundle(["src/data/folder.node.ts"])).rejects.toThrow(/node:/);
  });
});
