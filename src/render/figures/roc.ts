import type { Fonts } from "../text.ts";
import { area } from "./format.ts";
import { meanArea, type RankingCurve, type RankingInput, rankingPlot } from "./ranking-curves.ts";
import { diagonal } from "./unit-square.ts";

/**
 * Receiver operating characteristics as an SVG file: of two classes the second's, of which the first's is the mirror image;
 * of more each against all others. Classes without pictures have none.
 */
export function rocFigure(
  { classes, rankings, overlapping = false, split }: RankingInput,
  fonts: Fonts,
): string {
  const two = classes.length === 2 && !overlapping;
  const curves = rankings.flatMap(({ roc, auc }, label): RankingCurve[] =>
    roc.length > 0 && (!two || label === 1)
      ? [
          {
            name: `${classes[label]} against ${two ? classes[0] : "all others"}`,
            points: roc,
            area: auc,
          },
        ]
      : [],
  );
  const summary =
    curves.length === 0
      ? "nothing to rank: all pictures are of one class"
      : curves.length === 1
        ? `area under the curve ${area(curves[0]!.area)}; by chance 0.500`
        : `${curves.length} classes, mean area ${meanArea(curves)}; by chance 0.500`;
  return rankingPlot(
    {
      title: split ? `ROC, ${split}` : "ROC",
      summary,
      axes: { x: "false positive rate", y: "true positive rate" },
      curves,
      ground: (square) => [diagonal(square)],
    },
    fonts,
  );
}
