import { Marked } from 'marked'

/** Renders a guide. Its source is a file of this repository, so that its markup is trusted. */
export function renderMarkdown(source: string): string {
  const marked = new Marked({
    renderer: {
      code: ({ text, lang = '' }) => renderCode(text, lang),
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${anchorOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`
      },
      table(token) {
        const row = (cells: typeof token.header, tag: string) =>
          `<tr>${cells.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag.slice(0, 2)}>`).join('')}</tr>\n`
        const body = token.rows.map((cells) => row(cells, 'td')).join('')
        return `<div class="wide" role="group" aria-label="Table" tabindex="0"><table>\n<thead>${row(token.header, 'th scope="col"')}</thead>\n<tbody>\n${body}</tbody>\n</table></div>\n`
      },
    },
  })
  return marked.parse(source, { async: false })
}

/** Renders a block of code. It can be scrolled by keyboard, and `docs.js` adds a button that copies it. */
export const renderCode = (text: string, language: string): string =>
  `<div class="code"><pre tabindex="0"><code class="language-${escapeText(language)}">${escapeText(text)}</code></pre></div>\n`

/** Returns the id of a heading, for links. */
export const anchorOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '')

export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
