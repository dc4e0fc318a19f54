/** HTML that is safe to put into a page as it is. */
export interface Markup {
  readonly markup: string;
}

/** What a template takes: markup as it is, text escaped, lists one after the other, nothing for `undefined`. */
export type Content = Markup | string | number | undefined | readonly Content[];

/** Writes HTML. Whatever is filled in is escaped unless it is markup itself, in text and in quoted attributes alike. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return { markup: parts.map((part, i) => (i === 0 ? part : write(contents[i - 1]) + part)).join("") };
}

/** Text that we wrote ourselves, such as a figure's SVG, as markup. */
export function trusted(markup: string): Markup {
  return { markup };
}

function write(content: Content): string {
  if (content === undefined) return "";
  if (typeof content === "number") return String(content);
  if (typeof content === "string") return escapeHtml(content);
  return "markup" in content ? content.markup : content.map(write).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control characters, which HTML cannot hold, are replaced. */
function escapeHtml(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n]|\p{Cs}/gu, "\uFFFD")
    .replace(/[&<>"']/g, (character) => entities[character]!);
}
