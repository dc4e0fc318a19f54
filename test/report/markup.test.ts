import { describe, expect, it } from "vitest";
import { noAugmentation } from "../../src/data/augment.ts";
import { timeTaken } from "../../src/render/figures/format.ts";
import { html, trusted } from "../../src/report/markup.ts";
import { augmentationPhrase, percentOf, whole } from "../../src/report/words.ts";
import { defaultConfig } from "../../src/train/config.ts";

describe("html", () => {
  it("escapes what is filled in, in text and in attributes", () => {
    const name = `<b>&"'`;
    expect(html`<p title="${name}">${name}</p>`.markup).toBe(
      '<p title="&lt;b&gt;&amp;&quot;&#39;">&lt;b&gt;&amp;&quot;&#39;</p>',
    );
  });

  it("takes markup as it is, numbers, lists, and nothing for undefined", () => {
    const items = ["<", 2, undefined, [html`<i>${">"}</i>`, trusted("<hr>")]];
    expect(html`${items}${undefined}`.markup).toBe("&lt;2<i>&gt;</i><hr>");
  });

  it("replaces characters that HTML cannot hold", () => {
    expect(html`${"a\u0000b\u001bc\ud800d\te"}`.markup).toBe("a\ufffdb\ufffdc\ufffdd\te");
    expect(html`${"猫🐈"}`.markup).toBe("猫🐈");
  });
});

describe("words", () => {
  it("write numbers as people do", () => {
    expect([0.0042, 0.42, 0.9999, 9.94, 9.96, 99.4, 99.6, 5940, 6000].map(timeTaken)).toEqual([
      "4.2 ms",
      "420 ms",
      "1.0 s",
      "9.9 s",
      "10 s",
      "99 s",
      "2 min",
      "99 min",
      "1.7 h",
    ]);
    expect([0.2, 0.125, 1].map(percentOf)).toEqual(["20%", "12.5%", "100%"]);
    expect(whole(3_453_121)).toBe("3,453,121");
  });

  it("say how pictures are altered", () => {
    expect(augmentationPhrase(defaultConfig.augmentation)).toBe(
      "turned by up to 40°, shifted by up to 20% sideways and 20% up or down, sheared by up to 0.2°, stretched or shrunk by up to 20% and mirrored every other time",
    );
    expect(augmentationPhrase({ ...noAugmentation, zoom: 0.5 })).toBe("stretched or shrunk by up to 50%");
    expect(augmentationPhrase(noAugmentation)).toBeUndefined();
  });
});
