import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { writeOnnx } from "../../src/graph/onnx/write.ts";
import { smallConvnet } from "../../src/model/architectures/small-convnet.ts";
import { convscope, desk, type Ended, jsonLines, start } from "./convscope.ts";
import { byClass, writePhotos } from "./photos.ts";

beforeAll(async () => {
  const network = smallConvnet({ classes: ["disc", "square"], size: 32, filters: [8, 8], units: 16 });
  writeFileSync(join(desk, "net.onnx"), writeOnnx(network.graph));
  await writePhotos(join(desk, "photos"), byClass(12));
  await writePhotos(join(desk, "few"), byClass(2));
  writeFileSync(join(desk, "few/disc/torn.jpg"), readFileSync(join(desk, "few/disc/0.jpg")).subarray(0, 300));
});

/** The rows that are whole. */
function rowsIn(out: string): { file: string; label: string }[] {
  const path = join(desk, out, "explanations.jsonl");
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as { file: string; label: string });
}

test("a folder becomes an index, mean maps and a page; a broken file is named and keeps no other from its turn", async () => {
  const words = ["explain", "net.onnx", "few", "--method", "hires-cam", "--out", "seen"];
  const { code, stdout, stderr } = await convscope(...words, "--pictures", "--raw", "--parquet");
  expect(stderr).toMatch(/few\/disc\/torn\.jpg is cut short.*\n.*1 file could not be read\./s);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^evidence for +photos +in the outer tenth/);
  expect(stdout).toMatch(/\nNothing stands out in 4 photos\.\n/);
  expect(rowsIn("seen").map(({ file, label }) => [file, label])).toEqual([
    ["disc/0.jpg", "disc"],
    ["disc/1.jpg", "disc"],
    ["square/0.jpg", "square"],
    ["square/1.jpg", "square"],
  ]);
  expect(readdirSync(join(desk, "seen")).sort()).toEqual([
    "average",
    "explanations.csv",
    "explanations.jsonl",
    "explanations.parquet",
    "maps",
    "pictures",
    "summary.html",
    "summary.json",
    "survey.json",
  ]);
  expect(readdirSync(join(desk, "seen/maps/disc"))).toEqual(["0.jpg.npy", "1.jpg.npy"]);
  expect(readdirSync(join(desk, "seen/pictures/square"))).toEqual([
    "0.jpg.overlay.png",
    "0.jpg.png",
    "0.jpg.svg",
    "1.jpg.overlay.png",
    "1.jpg.png",
    "1.jpg.svg",
  ]);
  const page = readFileSync(join(desk, "seen/summary.html"), "utf8");
  expect(page).toContain("torn.jpg is cut short");
  expect(page).not.toMatch(/<script|https?:/);
});

test("--json says it to machines", async () => {
  const { stdout } = await convscope(
    "explain",
    "net.onnx",
    "photos",
    "--out",
    "told",
    "--target",
    "disc",
    "--json",
  );
  const [told] = jsonLines<Record<string, unknown>>(stdout);
  expect(told).toMatchObject({ photos: 24, broken: [], settings: { method: "grad-cam", target: "disc" } });
  expect(JSON.parse(readFileSync(join(desk, "told/summary.json"), "utf8"))).toMatchObject({
    targets: [{ target: "disc", photos: 24 }],
  });
});

describe("an end in the middle", () => {
  const words = ["--method", "rise", "--set", "samples=300", "--batch", "2"];

  async function ended(out: string, signal: NodeJS.Signals): Promise<Ended> {
    const { child, ended } = await start(["explain", "net.onnx", "photos", ...words, "--out", out]);
    while (rowsIn(out).length === 0 && child.exitCode === null) await pause(5);
    child.kill(signal);
    return ended;
  }

  test.each([
    ["SIGINT", 130],
    ["SIGKILL", null],
  ] as const)(
    "by %s leaves whole rows, and the same command goes on to the same index",
    async (signal, code) => {
      const out = `ended-${signal}`;
      const first = await ended(out, signal);
      expect(first.code).toBe(code);
      if (code) expect(first.stderr).toContain("Stopped; the same command goes on from here.");
      const before = rowsIn(out);
      expect(before.length).toBeGreaterThan(0);
      expect(before.length).toBeLessThan(24);
      const again = await convscope("explain", "net.onnx", "photos", ...words, "--out", out);
      expect(again.code, again.stderr).toBe(0);
      expect(rowsIn(out)).toHaveLength(24);
      expect(rowsIn(out).slice(0, before.length)).toEqual(before);
    },
  );
});

test.each([
  [["photos"], "A folder of photos needs a folder for their explanations: --out FOLDER."],
  [["photos", "--out", "never", "--target", "top-3"], "A folder is explained for one target a photo"],
  [["photos", "few/disc/0.jpg"], "photos is a folder; explain it in a call of its own."],
  [["few/disc/0.jpg", "--parquet"], "--pictures, --masks and --parquet are for a folder of photos"],
])("%j is refused", async (words, message) => {
  const { code, stdout, stderr } = await convscope("explain", "net.onnx", ...words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(message);
  expect(existsSync(join(desk, "never"))).toBe(false);
});

test("other settings in the same folder are refused", async () => {
  const words = ["explain", "net.onnx", "few", "--out", "settled"];
  await convscope(...words);
  const { code, stderr } = await convscope(...words, "--target", "square");
  expect(code).toBe(1);
  expect(stderr).toContain(
    'settled holds a survey with other settings (target: "top" there, "square" here); name another folder, or go on with the same.',
  );
});
