import { parse } from "opentype.js/dist/opentype.mjs";
import type { Command, ParsedFont } from "./parsed-font.ts";
import { element, type SvgElement } from "./svg.ts";

/** One weight of a typeface: its files, one for each part of Unicode, asked in order. */
export interface Font {
  readonly files: readonly ParsedFont[];
}

/** What figures are lettered with. In Node: `await readFonts()`; in a browser: `loadFont` on bytes that were fetched. */
export interface Fonts {
  readonly regular: Font;
  readonly bold: Font;
}

/** A font from the bytes of its files (TrueType, OpenType or WOFF 1), one for each script. */
export function loadFont(files: readonly Uint8Array[]): Font {
  return { files: files.map((bytes) => parse(bytes.slice().buffer)) };
}

/** Width of a line of text in px at a font size in px. */
export function textWidth(font: Font, content: string, size: number): number {
  return characters(content).reduce((width, character) => width + advance(font, character, size), 0);
}

/** The text, or its beginning and its end around an ellipsis where it is wider than `width` px. */
export function shorten(font: Font, content: string, size: number, width: number): string {
  if (textWidth(font, content, size) <= width) return characters(content).join("");
  const letters = characters(content);
  let room = width - textWidth(font, "…", size);
  let [head, tail] = ["", ""];
  for (let first = 0, last = letters.length - 1; first < last; ) {
    const fromHead = head.length <= tail.length;
    const letter = letters[fromHead ? first++ : last--]!;
    room -= advance(font, letter, size);
    if (room < 0) break;
    if (fromHead) head += letter;
    else tail = letter + tail;
  }
  return `${head.trimEnd()}…${tail.trimStart()}`;
}

export interface TextOptions {
  readonly x: number;
  /** The base line. */
  readonly y: number;
  /** Font size in px. */
  readonly size: number;
  readonly fill: string;
  /** Which end of the text `x` is. Default `start`. */
  readonly anchor?: "start" | "middle" | "end";
  /** Degrees clockwise around (`x`, `y`). */
  readonly rotate?: number;
}

/**
 * One line of text as outlines, so that it looks the same on every machine, whatever fonts it has. Text with
 * characters the font lacks (Chinese, say) becomes an SVG `<text>` of the width foreseen, for the viewer's own fonts.
 */
export function text(font: Font, content: string, options: TextOptions): SvgElement {
  const { x, y, size, fill, anchor = "start", rotate } = options;
  const width = textWidth(font, content, size);
  const start = { start: 0, middle: -width / 2, end: -width }[anchor];
  const place = `translate(${x.toFixed(2)} ${y.toFixed(2)})${rotate ? ` rotate(${rotate})` : ""}`;
  const letters = characters(content);
  if (!letters.every((letter) => fileWith(font, letter))) {
    const style = { "font-family": "system-ui, sans-serif", "font-size": size, textLength: width };
    return element("text", { transform: place, x: start, fill, ...style }, [letters.join("")]);
  }
  let pen = start * (em / size);
  let d = "";
  for (const letter of letters) {
    d += outline(fileWith(font, letter)!.charToGlyph(letter).getPath(pen, 0, em).commands);
    pen += advance(font, letter, em);
  }
  return element("path", { transform: `${place} scale(${(size / em).toFixed(6)})`, fill, d });
}

/** Outlines are written in whole thousandths of the font size: exact for most fonts, and a third of the bytes. */
const em = 1000;

/** Drawing commands as an SVG path, relative after the first point. */
function outline(commands: readonly Command[]): string {
  let path = "";
  let [penX, penY] = [0, 0];
  let [startX, startY] = [0, 0];
  for (const command of commands) {
    if (command.type === "Z") {
      path += "z";
      [penX, penY] = [startX, startY];
      continue;
    }
    const points = [command.x, command.y];
    if (command.type === "C") points.unshift(command.x2, command.y2);
    if (command.type === "Q" || command.type === "C") points.unshift(command.x1, command.y1);
    const whole = points.map(Math.round);
    if (command.type === "L" && whole[0] === penX && whole[1] === penY) continue;
    const absolute = path === "";
    path += absolute ? "M" : command.type.toLowerCase();
    whole.forEach((value, i) => {
      const number = value - (absolute ? 0 : i % 2 === 0 ? penX : penY);
      path += i > 0 && number >= 0 ? ` ${number}` : number;
    });
    [penX = 0, penY = 0] = whole.slice(-2);
    if (command.type === "M") [startX, startY] = [penX, penY];
  }
  return path;
}

/** Composed characters; line breaks, tabs and what cannot be printed at all as spaces: text here is one line. */
function characters(content: string): string[] {
  return Array.from(content.normalize("NFC").replace(/[\s\p{Cc}\p{Cs}]/gu, " "));
}

/** The first of the font's files that has the character. */
function fileWith(font: Font, character: string): ParsedFont | undefined {
  return font.files.find((file) => file.charToGlyphIndex(character) > 0);
}

function advance(font: Font, character: string, size: number): number {
  const file = fileWith(font, character);
  if (file) return (file.charToGlyph(character).advanceWidth * size) / file.unitsPerEm;
  // East Asian scripts and emoji, from Hangul on, fill a square; for other letters this is wide enough.
  return size * (character.codePointAt(0)! >= 0x1100 ? 1 : 0.6);
}
