import { percent } from "../render/figures/format.ts";
import { corners, regions, uniformBorder } from "./place.ts";
import type { TargetSummary } from "./summary.ts";

/** What stands out in where the evidence for a target lies. */
export interface Finding {
  /** Undefined where it is of all photos. */
  readonly target: string | undefined;
  /** At the border; always in the same corner; outside of the masks. */
  readonly kind: "border" | "corner" | "outside";
  /** It in one sentence, with its numbers. */
  readonly sentence: string;
}

/** Photos that a finding needs at least. */
const fewest = 10;

/** From which share of photos on one corner stands out. */
const often = 1 / 3;

/** What stands out for each target; for all photos together only what does for none of them by itself. */
export function findingsAmong(summaries: readonly TargetSummary[]): Finding[] {
  const found = summaries.flatMap(findingsOf);
  const own = new Set(found.filter(({ target }) => target !== undefined).map(({ kind }) => kind));
  return found.filter(({ target, kind }) => target !== undefined || !own.has(kind));
}

/**
 * What stands out, each for the whole of its 95% interval:
 * - `corner`: in more than a third of the photos the evidence is strongest in the same corner;
 * - `border`: it is strongest in the outer tenth more often than chance would have it, and more of it lies there than of a map that is the same everywhere;
 * - `outside`: of it lies in the masks less than half of the part that they are of the pictures.
 */
function findingsOf(summary: TargetSummary): Finding[] {
  const { target, photos, silent, peaks, peaksAtBorder, border, inside, masked } = summary;
  if (photos - silent < fewest) return [];
  const findings: Finding[] = [];
  const explained = target === undefined ? "" : ` explained for ${target}`;
  const of = `of the ${photos - silent} photos${explained}`;
  const corner = corners.reduce((best, region) =>
    peaks[region]!.value > peaks[best]!.value ? region : best,
  );
  const atCorner = peaks[corner]!;
  if (atCorner.interval[0] > Math.max(often, atCorner.chance))
    findings.push({
      ...{ target, kind: "corner" },
      sentence: `In ${percent(atCorner.value)} ${of} the evidence is strongest in ${regions[corner]!}; by chance it would be ${percent(atCorner.chance)}.`,
    });
  if (peaksAtBorder.interval[0] > peaksAtBorder.chance && border.interval[0] > uniformBorder)
    findings.push({
      ...{ target, kind: "border" },
      sentence: `In ${percent(peaksAtBorder.value)} ${of} the evidence is strongest within the outer tenth of the picture (${percent(peaksAtBorder.chance)} by chance), and ${percent(border.value)} of all evidence lies there, which is ${percent(uniformBorder)} of the area.`,
    });
  if (inside && inside.interval[1] < masked! / 2)
    findings.push({
      ...{ target, kind: "outside" },
      sentence: `Only ${percent(inside.value)} of the evidence${target === undefined ? "" : ` for ${target}`} lies in the masks, which are ${percent(masked!)} of the pictures: less than half of that.`,
    });
  return findings;
}
