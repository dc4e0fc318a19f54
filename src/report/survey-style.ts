import { style } from "./style.ts";

/** The style sheet of a survey: the report's, and its maps, whose border and corners are drawn in. */
export const surveyStyle: string = `${style}
.findings { list-style: none; padding: 0; }
.findings li { border-left: 4px solid var(--warning); padding: 0.2rem 0 0.2rem 1rem; margin: 0.75rem 0; font-size: 1.15rem; }
.clean { border-left: 4px solid var(--accent); padding: 0.2rem 0 0.2rem 1rem; font-size: 1.15rem; }
.target { display: flex; flex-wrap: wrap; gap: 1rem 2rem; margin: 1.25rem 0 2.5rem; }
.target > figure { margin: 0; width: 13rem; }
.target > .facts { flex: 1 1 22rem; }
.target .facts p { margin-top: 0; }
.square { position: relative; aspect-ratio: var(--aspect); border-radius: 4px; overflow: hidden; }
.square img { display: block; width: 100%; height: 100%; }
.square .inner { position: absolute; inset: 10%; border: 1px dashed #ffffffb0; }
.peaks { display: grid; grid-template: 1fr 2fr 1fr / 1fr 2fr 1fr; gap: 2px; }
.peaks span { display: grid; place-items: center; font-size: 0.75rem; border-radius: 2px; background: color-mix(in srgb, var(--accent) var(--share), var(--raised)); }
.peaks .strong { color: var(--ground); }
.measure { display: grid; grid-template-columns: 12.5rem 1fr auto; gap: 0 0.75rem; align-items: center; font-size: 0.95rem; margin: 0.35rem 0; }
.measure .scale { margin: 0; }
.histogram { position: relative; display: flex; align-items: flex-end; gap: 1px; height: 4.5rem; border-bottom: 1px solid var(--line); margin: 1rem 0 0; max-width: 28rem; }
.histogram i { flex: 1; background: var(--soft); }
.histogram .even { position: absolute; top: 0; bottom: 0; width: 0; border-left: 2px dashed var(--quiet); }
.ends { display: flex; justify-content: space-between; gap: 1rem; max-width: 28rem; font-size: 0.8rem; line-height: 1.4; text-align: center; color: var(--quiet); }
@media (max-width: 40rem) { .measure { grid-template-columns: 1fr auto; } .measure .scale { grid-column: 1 / -1; grid-row: 2; } }
`;
