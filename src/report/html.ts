import { summarize } from "../model/summary.ts";
import type { ReportContent } from "./content.ts";
import { html, type Markup } from "./markup.ts";
import { page } from "./page.ts";
import { activations } from "./sections/activations.ts";
import { attention } from "./sections/attention.ts";
import { data } from "./sections/data.ts";
import { mistakes } from "./sections/mistakes.ts";
import { next } from "./sections/next.ts";
import { score } from "./sections/score.ts";
import { timeLapse } from "./sections/time-lapse.ts";
import { training } from "./sections/training.ts";
import { style } from "./style.ts";
import { reportOf } from "./tasks/index.ts";
import { whole } from "./words.ts";

/** Sections in order, by what the contents call them. */
const sections: Readonly<
  Record<string, readonly [title: string, write: (content: ReportContent) => Markup | undefined]>
> = {
  score: ["Score", score],
  training: ["Training", training],
  "time-lapse": ["While it learnt", timeLapse],
  mistakes: ["Mistakes", mistakes],
  attention: ["What it looks at", attention],
  activations: ["Layer by layer", activations],
  data: ["Data", data],
  next: ["Going on", next],
};

/** The report as one HTML file. */
export function reportHtml(content: ReportContent): string {
  const { config, listing, network, environment } = content;
  const title = `${config.architecture} on ${listing.source}`;
  const written = Object.entries(sections).flatMap(([id, [name, write]]) => {
    const section = write(content);
    return section ? [{ id, name, section }] : [];
  });
  return page(
    title,
    style,
    html`
    <header>
      <p class="quiet">Training report, ${String(environment.started ?? "").slice(0, 10)}</p>
      <h1><bdi>${title}</bdi></h1>
      <p class="lead">
        A convolutional network of ${whole(summarize(network).parameters)} parameters that ${reportOf(network).lead(network.classes)}.
      </p>
      <nav>${written.map(({ id, name }) => html`<a href="#${id}">${name}</a>`)}</nav>
    </header>
    ${written.map(({ section }) => section)}`,
  );
}
