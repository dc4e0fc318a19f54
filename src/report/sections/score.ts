import type { TaskEvaluation } from "../../evaluate/task-evaluation.ts";
import type { ReportContent } from "../content.ts";
import { evaluationsOf } from "../findings.ts";
import { html, type Markup } from "../markup.ts";
import { reportOf } from "../tasks/index.ts";

/** The headline: how good it is on pictures that it was not trained on, and how sure that number is. */
export function score(content: ReportContent): Markup {
  const { findings, network } = content;
  const { validation, test } = findings;
  const { tile, details } = reportOf(network);
  const headline = (title: string, evaluation: TaskEvaluation | undefined): Markup | undefined =>
    evaluation && evaluation.n > 0 ? tile(title, evaluation, network.classes) : undefined;
  const evaluations = evaluationsOf(findings);
  return html`
    <section id="score">
      <h2>Score</h2>
      <div class="tiles">
        ${headline("Validation", validation)}
        ${headline("Test", test)}
      </div>
      <p class="quiet">${caution(validation.n, test?.n ?? 0)}</p>
      ${evaluations.length > 0 ? details(content, evaluations) : undefined}
    </section>`;
}

/** What to think of the scores. */
function caution(validation: number, test: number): string {
  const chosen =
    "The validation pictures chose which epoch's weights were kept, so their score may be a little too good.";
  if (test > 0) return `The test pictures had no part in training. ${validation > 0 ? chosen : ""}`;
  if (validation > 0) return `${chosen} For a stricter one, keep some pictures aside in a folder "test".`;
  return "No pictures were kept aside, so nothing is known of how well it does on new ones.";
}
