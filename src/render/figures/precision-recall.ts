import type { Point } from "../../evaluate/ranking.ts";
import type { Fonts } from "../text.ts";
import { area } from "./format.ts";
import { meanArea, type RankingCurve, type RankingInput, rankingPlot } from "./ranking-curves.ts";

/** Precision against recall of each class as an SVG file, in the steps that average precision adds up; none where it has no pictures. */
export function precisionRecallFigure({ classes, rankings, split }: RankingInput, fonts: Fonts): string {
  const curves = rankings.flatMap(({ precisionRecall, averagePrecision }, label): RankingCurve[] =>
    precisionRecall.length > 0
      ? [{ name: classes[label]!, points: steps(precisionRecall), area: averagePrecision }]
      : [],
  );
  const summary =
    curves.length === 0
      ? "nothing to rank: all pictures are of one class"
      : curves.length === 1
        ? `average precision ${area(curves[0]!.area)}`
        : `${curves.length} classes, mean average precision ${meanArea(curves)}`;
  return rankingPlot(
    {
      title: split ? `Precision and recall, ${split}` : "Precision and recall",
      summary,
      axes: { x: "recall", y: "precision" },
      curves,
      ground: () => [],
    },
    fonts,
  );
}

/** From each recall to the next at the precision there; what only adds wrong pictures has no part in the average. */
function steps(points: readonly Point[]): Point[] {
  let before = 0;
  return points.flatMap(([recall, precision]): Point[] => {
    if (recall === before) return [];
    const step: Point[] = [
      [before, precision],
      [recall, precision],
    ];
    before = recall;
    return step;
  });
}
