import { summarize } from "../model/summary.ts";
import type { ReportContent } from "./content.ts";
import { html, type Markup, trusted } from "./markup.ts";
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

/**
 * The report as one HTML file that asks nothing of anyone: no script, no request, and a policy that forbids both, so that
 * it can be mailed, archived, and opened without thought.
 */
export function reportHtml(content: ReportContent): string {
  const { config, listing, network, environment } = content;
  const title = `${config.architecture} on ${listing.source}`;
  const written = Object.entries(sections).flatMap(([id, [name, write]]) => {
    const section = write(content);
    return section ? [{ id, name, section }] : [];
  });
  const page = html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
  <link rel="icon" href="data:,">
  <title>${title}</title>
  <style>${trusted(style)}</style>
</head>
<body>
  <main>
    <header>
      <p class="quiet">Training report, ${String(environment.started ?? "").slice(0, 10)}</p>
      <h1><bdi>${title}</bdi></h1>
      <p class="lead">
        A convolutional network of ${whole(summarize(network).parameters)} parameters that ${reportOf(network).lead(network.classes)}.
      </p>
      <nav>${written.map(({ id, name }) => html`<a href="#${id}">${name}</a>`)}</nav>
    </header>
    ${written.map(({ section }) => section)}
  </main>
</body>
</html>
`;
  return page.markup;
}
