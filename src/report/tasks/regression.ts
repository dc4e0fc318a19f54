import { random } from "../../base/random.ts";
import { worstAnswers } from "../../evaluate/answers.ts";
import type { ValuesEvaluation } from "../../evaluate/values.ts";
import { significant } from "../../render/figures/format.ts";
import { valuesFigure } from "../../render/figures/values.ts";
import { chartRow } from "../chart.ts";
import { html } from "../markup.ts";
import { tile } from "../tile.ts";
import { whole } from "../words.ts";
import type { TaskReport } from "./task.ts";

const mostMistakes = 12;
const mostShown = 6;

export const regression: TaskReport<ValuesEvaluation> = {
  lead: ([name]) => html`says the value “<bdi>${name}</bdi>” of a picture`,

  choose({ answers }, seed) {
    const explained = (some: readonly (typeof answers)[number][]) =>
      some.map((answer) => ({ answer, targets: [0] }));
    return {
      mistakes: explained(worstAnswers(answers, mostMistakes)),
      uncertain: [],
      right: explained(
        random(seed, "report")
          .shuffle([...answers])
          .slice(0, mostShown),
      ),
      rivals: [],
    };
  },

  truth: ({ sample }) => significant(sample.values![0]!),

  figures: ({ answers, mae, r2 }, { classes, split, fonts }) => ({
    values: valuesFigure({ name: classes[0]!, points: answers, mae, r2, split }, fonts),
  }),

  tile(title, { n, loss, mae, rmse, r2, pearson, spearman, intervals, baseline }) {
    const between = (name: keyof typeof intervals) =>
      html`<span class="quiet">${intervals[name].map(significant).join(" to ")}</span>`;
    return tile({
      title: `${title} R²`,
      big: significant(r2),
      facts: [
        ["pictures", whole(n)],
        ["95% interval", intervals.r2.map(significant).join(" to ")],
        ["mean absolute error", html`${significant(mae)} ${between("mae")}`],
        ["root mean squared error", html`${significant(rmse)} ${between("rmse")}`],
        [
          "correlation",
          html`${significant(pearson)} <span class="quiet">of ranks ${significant(spearman)}</span>`,
        ],
        ["mean loss", html`${significant(loss)} <span class="quiet">squared standard deviations</span>`],
        [
          "by guessing",
          html`error ${significant(baseline.mae)} <span class="quiet">always ${significant(baseline.value)}, the mean in training</span>`,
        ],
      ],
    });
  },

  details: ({ figures: { scores } }) => html`
    <h3>Picture by picture</h3>
    <p>On the diagonal what the network says is true; below are the errors, said less true, over what is true. A slope there means that it
      keeps too near to the mean. R² is the part of the values' variance that it accounts for; intervals are 95%, by bootstrap over pictures.</p>
    ${chartRow(scores.values!)}`,

  mistakes: () => ({}),

  examples: {
    mistakes: "what raised the value",
    right:
      "Pictures drawn by lot, not picked; what is shown is what raised the value, in standard deviations.",
    rivals: "",
    watched:
      "the heatmap of what raised the value and, below, what the network said; in front of the name is the true value",
  },
};
