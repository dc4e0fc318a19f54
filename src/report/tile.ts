import { type Content, html, type Markup } from "./markup.ts";

/** A headline: a number that all else explains. */
export interface Tile {
  readonly title: string;
  readonly big: string;
  /** Where that lies between 0 and 1, with its interval, and what guessing would get. */
  readonly scale?: {
    readonly value: number;
    readonly interval: readonly [low: number, high: number];
    readonly guess: number;
  };
  readonly facts: readonly (readonly [name: string, value: Content])[];
}

export function tile({ title, big, scale, facts }: Tile): Markup {
  return html`
    <div class="tile">
      <h3>${title}</h3>
      <p class="big">${big}</p>
      ${scale && line(scale)}
      <dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
    </div>`;
}

function line({ value, interval: [low, high], guess }: NonNullable<Tile["scale"]>): Markup {
  return html`
    <div class="scale" aria-hidden="true">
      <i class="interval" style="left:${css(low)};width:${css(high - low)}"></i>
      <i class="guess" style="left:${css(guess)}"></i>
      <i class="value" style="left:${css(value)}"></i>
    </div>`;
}

const css = (share: number): string => `${(100 * Math.max(0, Math.min(1, share))).toFixed(2)}%`;
