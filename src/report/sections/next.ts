import { shellWord } from "../../base/shell.ts";
import type { RunConfig } from "../../train/config.ts";
import { epochsToReach } from "../../train/stages.ts";
import type { ReportContent } from "../content.ts";
import { html, type Markup } from "../markup.ts";
import { pairs } from "../pairs.ts";

/** Commands to go on with, and where the run was made. */
export function next({ folder, history, config, environment }: ReportContent): Markup {
  const run = shellWord(folder);
  const commands = [
    ["Classify a photo", `npx convscope predict ${run} photo.jpg`],
    ["See what it looks at", `npx convscope explain ${run} photo.jpg`],
    ["See every layer of a photo", `npx convscope activations ${run} photo.jpg`],
    ["Score it on other photos", `npx convscope evaluate ${run} folder/`],
    history.length < epochsToReach(config, history)
      ? ["Go on training", `npx convscope train --resume ${run}`]
      : ["Train for longer", `npx convscope train --resume ${run} ${longer(config)}`],
  ] as const;
  return html`
    <section id="next">
      <h2>Going on</h2>
      <dl class="commands">
        ${commands.map(([what, command]) => html`<dt>${what}</dt><dd><pre><code>${command}</code></pre></dd>`)}
      </dl>
      <p><code>model.onnx</code> in the run folder runs in any ONNX host; its metadata says the preprocessing and the class names.</p>
      <details>
        <summary>Where it was trained</summary>
        ${pairs(Object.entries(environment).map(([name, value]) => [name, readable(name, value)]))}
      </details>
    </section>`;
}

/** Twice as long in the stage that a run ends with. */
function longer({ epochs, backbone }: RunConfig): string {
  return backbone?.unfreeze.length
    ? `--fine-tune-epochs ${2 * backbone.fineTuneEpochs}`
    : `--epochs ${2 * epochs}`;
}

function readable(name: string, value: string | number): string | number {
  return name === "memory" ? `${(Number(value) / 2 ** 30).toFixed(1)} GiB` : value;
}
