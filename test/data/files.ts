import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { onTestFinished } from "vitest";
import { random } from "../../src/base/random.ts";

/** A fresh folder under the system's temporary one, gone when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "convscope-data-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files below a folder; a name that ends in "/" is an empty folder. */
export function writeTree(root: string, files: Readonly<Record<string, Uint8Array | string>>): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (!name.endsWith("/")) writeFileSync(path, content);
  }
  return root;
}

/** One colour, 8×6. */
export const red: { r: number; g: number; b: number } = { r: 200, g: 40, b: 30 };
export const plain = (background: typeof red = red, alpha?: number): Sharp =>
  sharp({
    create: {
      width: 8,
      height: 6,
      channels: alpha === undefined ? 3 : 4,
      background: { ...background, alpha: alpha ?? 1 },
    },
  });

/** Noise, which no two seeds share. */
export function noise(seed: number, width = 16, height = 12): Sharp {
  const { below } = random(seed, "noise");
  return sharp(
    Uint8Array.from({ length: width * height * 3 }, () => below(256)),
    {
      raw: { width, height, channels: 3 },
    },
  );
}

export const jpeg = (seed: number, width?: number, height?: number): Promise<Uint8Array> =>
  noise(seed, width, height).jpeg().toBuffer();
