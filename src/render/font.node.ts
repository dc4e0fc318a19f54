import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Font, type Fonts, loadFont } from "./text.ts";

const scripts = ["latin", "latin-ext", "greek", "cyrillic", "cyrillic-ext", "vietnamese"];

let fonts: Promise<Fonts> | undefined;

/** IBM Plex Sans (SIL Open Font License) from the installed package, read once. Its digits are all of one width. */
export function readFonts(): Promise<Fonts> {
  fonts ??= Promise.all([readWeight(400), readWeight(600)]).then(([regular, bold]) => ({ regular, bold }));
  return fonts;
}

async function readWeight(weight: number): Promise<Font> {
  const root = dirname(createRequire(import.meta.url).resolve("@fontsource/ibm-plex-sans/package.json"));
  const paths = scripts.map((script) => join(root, "files", `ibm-plex-sans-${script}-${weight}-normal.woff`));
  return loadFont(await Promise.all(paths.map((path) => readFile(path))));
}
