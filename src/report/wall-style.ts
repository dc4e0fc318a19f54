import { gradientOf, style } from "./style.ts";

/** The style sheet of a wall: the report's, and its tiles, which stand in that of the orders whose button is chosen. */
export const wallStyle = (orders: readonly string[]): string => `${style}
main { max-width: 100rem; }
header { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin-bottom: 2rem; }
header .photo { height: 15rem; max-width: 100%; object-fit: contain; border-radius: 6px; }
.answers { display: grid; grid-template-columns: auto 9rem auto; gap: 0.15rem 0.75rem; align-items: center; margin: 1rem 0 0; }
.answers i { display: block; height: 0.6rem; border-radius: 2px; background: var(--line); }
.answers .target { color: var(--ink); font-weight: 650; }
.answers .target + dd i { background: var(--accent); }
.legend { flex: 1 1 22rem; list-style: none; padding: 0; margin: 0.5rem 0 0; color: var(--quiet); font-size: 0.95rem; }
.legend i { display: inline-block; width: 7rem; height: 0.6rem; border-radius: 2px; margin-right: 0.5rem; }
.heat { background: linear-gradient(to right, ${gradientOf("plasma")}); }
.sides { background: linear-gradient(to right, ${gradientOf("RdBu_r")}); }

main > input { position: absolute; opacity: 0; }
main > label { display: inline-block; padding: 0.2rem 0.9rem; border: 1px solid var(--line); border-radius: 999px; cursor: pointer; }
main > input:checked + label { background: var(--accent); border-color: var(--accent); color: var(--ground); }
main > input:focus-visible + label { outline: 2px solid var(--ink); outline-offset: 2px; }
.wall { display: grid; gap: 1.5rem 1rem; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); margin-top: 1.5rem; }
${orders.map((order) => `#by-${order}:checked ~ .wall .tile { order: var(--${order}); }`).join("\n")}
.family { display: none; grid-column: 1 / -1; margin: 1rem 0 0; font-size: 0.9rem; letter-spacing: 0.08em; text-transform: uppercase; }
#by-family:checked ~ .wall .family { display: block; }

.wall .tile { margin: 0; padding: 0; max-width: none; background: none; border-radius: 0; scroll-margin-top: 1rem; }
.views { display: block; position: relative; }
.views img { display: block; width: 100%; border-radius: 4px; }
.views .map { position: absolute; inset: 0; height: 100%; opacity: 0; image-rendering: pixelated; }
.views:hover .map, .views:focus-visible .map { opacity: 1; }
.control .views { outline: 2px dashed var(--ink); outline-offset: -1px; border-radius: 4px; }
.size, .kind { position: absolute; left: 6px; bottom: 6px; padding: 0 6px; border-radius: 4px; background: #16181cb8; color: #fff; font-size: 0.7rem; }
.kind { inset: 6px 6px auto auto; }
.bar { height: 3px; border-radius: 2px; background: var(--line); margin: 5px 0 0.3rem; }
.bar i { display: block; height: 100%; border-radius: 2px; background: var(--accent); }
.control .bar i { background: var(--quiet); }
.wall figcaption { display: flex; flex-direction: column; margin: 0; font-size: 0.8rem; line-height: 1.4; }
.wall figcaption > span { display: flex; justify-content: space-between; gap: 0.5rem; }
.wall b { color: var(--ink); font-weight: 650; font-size: 0.85rem; }
.wall bdi { overflow-wrap: anywhere; }
.wall .warning { font-weight: 500; }
.about { display: none; font-size: 0.95rem; color: var(--ink); }
.tile:target { grid-column: 1 / -1; display: grid; grid-template-columns: minmax(0, 48rem) minmax(16rem, 1fr); gap: 0.5rem 2rem; padding: 1rem; background: var(--raised); border-radius: 10px; }
.tile:target .views { display: grid; grid-template-columns: 1fr 1fr; gap: 4px; outline: none; }
.tile:target .views .map { position: static; height: 0; min-height: 100%; opacity: 1; }
.tile:target .bar { grid-column: 1; grid-row: 2; }
.tile:target figcaption { grid-column: 2; grid-row: 1 / span 2; font-size: 0.95rem; }
.tile:target .about { display: block; }
@media (max-width: 56rem) {
  .tile:target { display: block; }
}
@media print {
  main > input, main > label { display: none; }
}
`;
