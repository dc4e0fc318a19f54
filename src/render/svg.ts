import type { Picture } from "../base/picture.ts";
import { pngDataUri } from "./png.ts";

type TagName = "circle" | "desc" | "g" | "image" | "line" | "path" | "rect" | "svg" | "text" | "title";

/** One SVG element. Children that are strings are text; both they and attribute values are escaped when written. */
export interface SvgElement {
  readonly name: TagName;
  readonly attributes: Attributes;
  readonly children: readonly (SvgElement | string)[];
}

/** Numbers are written with at most two decimals; `undefined` leaves the attribute out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

export function element(
  name: TagName,
  attributes: Attributes,
  children: readonly (SvgElement | string)[] = [],
): SvgElement {
  return { name, attributes, children };
}

/** An element as SVG text. */
export function serialize({ name, attributes, children }: SvgElement): string {
  let open = name as string;
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined)
      open += ` ${key}="${escapeXml(typeof value === "number" ? short(value) : value)}"`;
  if (children.length === 0) return `<${open}/>`;
  const inner = children.map((child) => (typeof child === "string" ? escapeXml(child) : serialize(child)));
  return `<${open}>${inner.join("")}</${name}>`;
}

/** A number with at most two decimals. */
function short(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} cannot be drawn`);
  return String(Math.round(value * 100) / 100);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Also replaces what XML cannot hold at all: control characters and halves of surrogate pairs. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replace(/[&<>"]/g, (character) => entities[character]!);
}

/** A whole picture in SVG: what it is called and says to those who cannot see it, its size in px, and its parts. */
export interface Drawing {
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly children: readonly SvgElement[];
}

/** A self-contained SVG file on white ground. It uses no ids, so that many fit into one HTML page. */
export function svgDocument({ title, description, width, height, children }: Drawing): string {
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    width,
    height,
    viewBox: `0 0 ${short(width)} ${short(height)}`,
    role: "img",
    "aria-label": title,
  };
  const ground = element("rect", { width, height, fill: "#ffffff" });
  const words = [element("title", {}, [title]), element("desc", {}, [description])];
  return serialize(element("svg", attributes, [...words, ground, ...children]));
}

/** Where something is, in px. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A photo is smooth when enlarged; a map keeps its pixels as squares, so that nobody reads more into it than it has. */
export type PictureKind = "photo" | "map";

/** A picture in a box that it fills. */
export function embed(picture: Picture, box: Box, kind: PictureKind): SvgElement {
  const squares = kind === "map" && box.width * box.height >= picture.width * picture.height;
  return element("image", {
    ...box,
    preserveAspectRatio: "none",
    // librsvg knows the attribute, CSS the style.
    "image-rendering": squares ? "optimizeSpeed" : undefined,
    style: squares ? "image-rendering:pixelated" : undefined,
    href: pngDataUri(picture),
  });
}
