import { type ColormapName, colormaps } from "../render/colormaps.ts";
import { colors, margin } from "../render/figures/theme.ts";

/** A colour map as the page's colour bars have it. */
export const gradientOf = (name: ColormapName): string =>
  Array.from({ length: 17 }, (_, i) => {
    const offset = 3 * Math.round((i * 255) / 16);
    return `rgb(${colormaps[name].lut.subarray(offset, offset + 3).join(" ")})`;
  }).join(", ");

/** The report's style sheet. */
export const style: string = `
:root {
  --ground: #fff; --raised: #f6f8fa; --ink: ${colors.ink}; --quiet: ${colors.quiet}; --line: ${colors.line};
  --accent: ${colors.validation}; --soft: #c9d9ec; --warning: ${colors.warning};
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --raised: #1c2127; --ink: #e3e7eb; --quiet: #9aa4af; --line: #333a42;
    --accent: #7fb1ea; --soft: #2b4766; --warning: #f0b35e;
  }
}
* { box-sizing: border-box; }
html { color-scheme: light dark; scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 66rem; margin: 0 auto; padding: 3rem 1.5rem 6rem; }
p, ul, figcaption, dl, .pairs { max-width: 44rem; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; overflow-wrap: anywhere; }
h1 { font-size: clamp(1.6rem, 1rem + 3vw, 2.4rem); margin: 0.25rem 0 0.75rem; letter-spacing: -0.015em; }
h2 { font-size: 1.5rem; margin: 4rem 0 1rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.1rem; margin: 2.5rem 0 0.5rem; }
p { margin: 0.75rem 0; }
.lead { font-size: 1.15rem; overflow-wrap: anywhere; }
.quiet, figcaption, .file { color: var(--quiet); }
.warning { color: var(--warning); font-weight: 600; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin-top: 1.25rem; }
a { color: var(--accent); text-underline-offset: 0.2em; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.9em; }
pre { margin: 0; padding: 0.6rem 0.8rem; background: var(--raised); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
li { margin: 0.35rem 0; overflow-wrap: anywhere; }

.tiles { display: flex; flex-wrap: wrap; gap: 1rem; }
.tile { flex: 1 1 20rem; max-width: 32rem; background: var(--raised); border-radius: 10px; padding: 1.25rem 1.5rem; }
.tile h3 { margin: 0; font-size: 1rem; font-weight: 500; color: var(--quiet); }
.big { font-size: 3.2rem; font-weight: 650; line-height: 1.1; margin: 0.25rem 0 1rem; letter-spacing: -0.03em; }
.scale { position: relative; height: 8px; border-radius: 4px; background: var(--line); margin-bottom: 1.25rem; }
.scale i { position: absolute; top: 0; bottom: 0; border-radius: 4px; }
.interval { background: var(--accent); opacity: 0.45; }
.value, .guess { width: 3px; margin-left: -1.5px; top: -4px; bottom: -4px; }
.value { background: var(--accent); }
.scale .value, .scale .guess { top: -4px; bottom: -4px; }
.guess { background: var(--quiet); }
.tile dl { display: grid; grid-template-columns: auto 1fr; gap: 0.2rem 1rem; margin: 0; font-size: 0.95rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.commands dt { margin-top: 0.75rem; }

details { margin: 0.75rem 0; border-top: 1px solid var(--line); padding-top: 0.75rem; }
summary { cursor: pointer; color: var(--accent); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 0.75rem 0; font-size: 0.95rem; }
th { font-weight: 500; color: var(--quiet); }
td, th { padding: 0.3rem 0.75rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
td:first-child, th:first-child { padding-left: 0; }
.numbers td, .numbers th { text-align: right; white-space: nowrap; }
.numbers .text { text-align: left; }
.numbers td:first-child, .numbers th:first-child { min-width: 7rem; text-align: left; white-space: normal; }
.numbers th[colspan] { text-align: center; }
.best td { font-weight: 650; }
tfoot td { border-bottom: 0; color: var(--quiet); }

figure { margin: 1.5rem 0; }
figcaption { font-size: 0.9rem; margin-top: 0.5rem; }
.chart { margin-top: 0; }
.chart svg { display: block; max-width: calc(100% + ${margin}px); height: auto; margin-left: -${margin}px; }
.chart svg > rect:first-of-type { fill: transparent; }
.grid img { display: block; width: 100%; height: auto; }
.grid figcaption { margin: 0 0 0.5rem; }
.grid b { color: var(--ink); font-weight: 600; }
.row { display: flex; flex-wrap: wrap; gap: 0 2rem; }
.row figure { flex: 0 1 auto; min-width: 0; }
@media (prefers-color-scheme: dark) {
  .chart svg { filter: invert(0.9) hue-rotate(180deg); }
}
@media (max-width: 48rem) {
  main { padding: 2rem 1rem 4rem; }
  .chart svg { max-width: calc(100% + 1rem); margin-left: -1rem; }
  .wide svg { min-width: 42rem; }
  .grid img { min-width: 52rem; }
}

.cards { display: grid; gap: 1.75rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); margin-top: 1.25rem; }
.cards.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); }
.card { margin: 0; min-width: 0; }
.panels { display: grid; gap: 4px; }
.two { grid-template-columns: 1fr 1fr; }
.three { grid-template-columns: 1fr 1fr 1fr; }
.panels img { display: block; width: 100%; height: auto; border-radius: 4px; }
.moments { display: grid; gap: 0.5rem 4px; grid-template-columns: repeat(auto-fill, minmax(clamp(5rem, calc(100% / var(--moments) - 4px), 8rem), 1fr)); margin-top: 0.4rem; font-size: 0.85rem; line-height: 1.35; }
.moments img { display: block; width: 100%; height: auto; border-radius: 4px; margin-bottom: 0.2rem; }
.moments .kept img { outline: 2px solid var(--ink); }
.moments span { display: block; }
.strip b { color: var(--ink); font-weight: 600; overflow-wrap: anywhere; }
.panels .map { image-rendering: pixelated; height: 100%; }
.panels span { font-size: 0.9rem; }
.card figcaption { display: flex; flex-direction: column; font-size: 0.9rem; margin-top: 0.4rem; }
.card b { color: var(--ink); font-weight: 600; overflow-wrap: anywhere; }
.file { overflow-wrap: anywhere; }
.colors { display: flex; align-items: center; gap: 0.5rem; font-size: 0.8rem; color: var(--quiet); margin-top: 0.4rem; }
.colors i { flex: 1; max-width: 12rem; height: 8px; border-radius: 2px; background: linear-gradient(to right, ${gradientOf("plasma")}); }

@media print {
  main { max-width: none; padding: 0; }
  nav { display: none; }
  section, .card, figure { break-inside: avoid; }
}
`;
