/** What we use of a font that opentype.js has read. Ours, so that our own types name no package without types. */
export interface ParsedFont {
  readonly unitsPerEm: number;
  /** 0 when the font lacks the character. */
  charToGlyphIndex(character: string): number;
  charToGlyph(character: string): Glyph;
}

interface Glyph {
  /** In font units. */
  readonly advanceWidth: number;
  /** The outline with its origin on the base line at `x`, `y`, y downwards, `size` to the em. */
  getPath(x: number, y: number, size: number): { readonly commands: readonly Command[] };
}

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
