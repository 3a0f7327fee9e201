import { createHash } from 'node:crypto'

/** What the browser shows after the redirect. */
export type ResultPage = keyof typeof TEXTS

const TEXTS = {
  done: ['You are logged in', 'You may close this page and return to the terminal.'],
  refused: ['You are not logged in', 'The sign-in was denied. See the terminal for details.'],
  failed: ['You are not logged in', 'The sign-in failed. See the terminal for details.'],
  stray: ['This sign-in is not valid', 'Start again in the terminal: daytona login'],
} as const

/** Removes the code from the address bar and the history, and closes the page if the browser allows it. */
const SCRIPT = "history.replaceState(null,'','/');close()"

/** The look of the provider's pages: the part of their stylesheet that this page needs, with the same colours. */
export const STYLE = `:root{color-scheme:light dark;--ground: #f4f5f7;--card: #ffffff;--ink: #12151c;--soft: #545c6b;--line: #dfe3ea;--mark: #0c7a43;--bad: #b3261e;--shadow: 0 1px 2px rgb(18 21 28 / 6%), 0 12px 32px rgb(18 21 28 / 7%)}
@media (prefers-color-scheme: dark){:root{--ground: #0b0d11;--card: #14171d;--ink: #f0f2f6;--soft: #a5aebc;--line: #2a2f39;--mark: #4fd08b;--bad: #ffb4ab;--shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 12px 32px rgb(0 0 0 / 35%)}}
*{box-sizing:border-box}
html{font:100%/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;text-size-adjust:100%;-webkit-text-size-adjust:100%}
body{margin:0;min-height:100dvh;display:flex;flex-direction:column;align-items:center;padding:2.5rem 1rem 2rem;background:var(--ground);color:var(--ink)}
.brand{display:flex;align-items:center;gap:.625rem;margin:0 0 1.5rem;font-size:1.125rem;font-weight:650;letter-spacing:-.01em}
.brand svg{width:1.75rem;height:1.75rem;color:var(--mark)}
main{width:100%;max-width:26.5rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:1rem;box-shadow:var(--shadow);overflow-wrap:anywhere}
.sign{display:block;width:2.5rem;height:2.5rem;margin:0 0 1rem;color:var(--bad)}
.done .sign{color:var(--mark)}
h1{margin:0 0 .375rem;font-size:1.5rem;line-height:1.25;font-weight:650;letter-spacing:-.018em;text-wrap:balance}
p{margin:0;color:var(--soft)}
@media (min-height:46rem) and (min-width:30rem){body{padding-top:9vh}}
@media (max-width:29.99rem){body{padding:1.25rem .75rem 1.5rem}.brand{margin-bottom:1rem}main{padding:1.5rem 1.25rem}}`

const BRAND =
  '<svg viewBox="0 0 28 28" aria-hidden="true" focusable="false"><rect width="28" height="28" rx="8" fill="currentColor"/><g fill="var(--card)"><path d="M9 7.5h4.6c3.9 0 6.4 2.5 6.4 6.5s-2.5 6.5-6.4 6.5H9v-4.2h2.9v1.5h1.7c2.1 0 3.4-1.4 3.4-3.8s-1.3-3.8-3.4-3.8h-1.7v1.5H9z"/><path d="M6.5 12.8h7v2.4h-7z"/></g></svg>Daytona'

/** A tick, or a cross. */
const SIGNS = { done: 'M7.5 12.5l3 3 6-7', other: 'M8.5 8.5l7 7m0-7l-7 7' }

const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

export const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; script-src ${sha256(SCRIPT)}; style-src ${sha256(STYLE)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  connection: 'close',
}

/** Formats a page that needs no other file. */
export function formatPage(page: ResultPage): string {
  const [title, text] = TEXTS[page]
  const sign = `<svg class="sign" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><circle cx="12" cy="12" r="10"/><path d="${page === 'done' ? SIGNS.done : SIGNS.other}"/></svg>`
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title} · Daytona</title>` +
    `<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">` +
    `<meta name="robots" content="noindex"><style>${STYLE}</style></head>` +
    `<body class="${page}"><header class="brand">${BRAND}</header><main>${sign}<h1>${title}</h1><p>${text}</p></main>` +
    `<script>${SCRIPT}</script></body></html>`
  )
}
