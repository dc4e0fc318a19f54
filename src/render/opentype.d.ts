/**
 * The one function of opentype.js that we use, by the path of its ES build: its package entry is UMD in Node and ESM in
 * bundlers, with different exports.
 */
declare module "opentype.js/dist/opentype.mjs" {
  /** Reads TrueType, OpenType or WOFF. */
  export function parse(bytes: ArrayBuffer): import("./parsed-font.ts").ParsedFont;
}
