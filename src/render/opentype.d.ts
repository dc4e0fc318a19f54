/**
 * What we use of opentype.js, by the path of its ES build: its package entry is UMD in Node and ESM in bundlers, with
 * different exports.
 */
declare module "opentype.js/dist/opentype.mjs" {
  /** Drawing commands as in SVG, upper case; control points first. */
  export type Command =
    | { readonly type: "M" | "L"; readonly x: number; readonly y: number }
    | { readonly type: "Q"; readonly x1: number; readonly y1: number; readonly x: number; readonly y: number }
    | {
        readonly type: "C";
        readonly x1: number;
        readonly y1: number;
        readonly x2: number;
        readonly y2: number;
        readonly x: number;
        readonly y: number;
      }
    | { readonly type: "Z" };

  export interface Glyph {
    /** In font units. */
    readonly advanceWidth: number;
    /** The outline with its origin on the base line at `x`, `y`, y downwards, `size` to the em. */
    getPath(x: number, y: number, size: number): { readonly commands: readonly Command[] };
  }

  export interface Font {
    readonly unitsPerEm: number;
    /** 0 when the font lacks the character. */
    charToGlyphIndex(character: string): number;
    charToGlyph(character: string): Glyph;
  }

  /** Reads TrueType, OpenType or WOFF. */
  export function parse(bytes: ArrayBuffer): Font;
}
