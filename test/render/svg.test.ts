import { describe, expect, it } from "vitest";
import { picture } from "../../src/base/picture.ts";
import { element, embed, serialize, svgDocument } from "../../src/render/svg.ts";

describe("serialize", () => {
  it("writes elements, attributes and text", () => {
    const drawn = element("g", { fill: "red", opacity: undefined }, [
      element("circle", { cx: 1 / 3, cy: -2, r: 10 }),
      element("title", {}, ["hello"]),
    ]);
    expect(serialize(drawn)).toBe('<g fill="red"><circle cx="0.33" cy="-2" r="10"/><title>hello</title></g>');
  });

  it("escapes hostile text and attributes", () => {
    const hostile = `<script>&"'`;
    expect(serialize(element("text", { fill: hostile }, [hostile]))).toBe(
      `<text fill="&lt;script&gt;&amp;&quot;'">&lt;script&gt;&amp;&quot;'</text>`,
    );
  });

  it("replaces what XML cannot hold", () => {
    expect(serialize(element("title", {}, ["a\u0000b\u001bc\ud800d\uffffe\u{1f431}f\tg"]))).toBe(
      "<title>a\ufffdb\ufffdc\ufffdd\ufffde\u{1f431}f\tg</title>",
    );
  });

  it("refuses numbers that cannot be drawn", () => {
    expect(() => serialize(element("rect", { x: Number.NaN }))).toThrow(RangeError);
  });
});

describe("svgDocument", () => {
  it("has a size, a view box and words for those who cannot see it", () => {
    const svg = svgDocument({
      title: "A & B",
      description: "what it shows",
      width: 40,
      height: 20.5,
      children: [],
    });
    expect(svg).toBe(
      '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20.5" viewBox="0 0 40 20.5" role="img" aria-label="A &amp; B">' +
        "<title>A &amp; B</title><desc>what it shows</desc>" +
        '<rect width="40" height="20.5" fill="#ffffff"/></svg>',
    );
  });
});

describe("embed", () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  it("keeps a map's pixels square when enlarged, and nothing else's", () => {
    expect(embed(picture(2, 2), box, "map").attributes.style).toBe("image-rendering:pixelated");
    expect(embed(picture(20, 20), box, "map").attributes.style).toBeUndefined();
    expect(embed(picture(2, 2), box, "photo").attributes.style).toBeUndefined();
  });
});
