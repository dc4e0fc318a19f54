import { html, type Markup, trusted } from "./markup.ts";

/**
 * One HTML file that asks nothing of anyone: no script, no request, and a policy that forbids both, so that it can be mailed, archived, and
 * opened without thought.
 */
export function page(title: string, style: string, content: Markup): string {
  return html`<!doctype html>
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
  <main>${content}
  </main>
</body>
</html>
`.markup;
}
