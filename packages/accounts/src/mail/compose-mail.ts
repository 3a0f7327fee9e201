import { createHash } from 'node:crypto'
import type { Mail } from '@daytona-auth/service'
import { Eta } from 'eta'
import type { AccountSentence } from '../language/german.ts'
import type { Message } from '../language/message.ts'
import type { MailTranslation } from './mail-translations.ts'

/** A part of a mail: a paragraph of plain text, or a link of ours on a line of its own. */
export type MailPart = Message<AccountSentence> | { readonly label: AccountSentence; readonly href: string }

export interface MailContent {
  /** What the mail is about, such as `recovery`: a part of its Message-ID. */
  readonly kind: string
  /** Identifies the mail among those of its kind, such as the digest of its token. A repeated send has the same one. */
  readonly reference: Uint8Array | string
  readonly to: string
  readonly subject: Message<AccountSentence>
  readonly parts: readonly MailPart[]
  readonly translation: MailTranslation
}

/**
 * Composes a mail with the same content as plain text and as HTML. Values are text: names of people and organizations in
 * them must have passed `shownName` or `quotedName`, so that no mail program turns one into a link.
 */
export function composeMail({ kind, reference, to, parts, translation, ...content }: MailContent): Mail {
  const { language, text } = translation
  const subject = text(content.subject)
  const shown = {
    language,
    brand: text('{brand}'),
    subject,
    parts: parts.map((part) => {
      if (typeof part !== 'object' || !('href' in part)) return text(part)
      const { href } = part
      return {
        href,
        label: text(part.label),
        hint: text('If the button does not work, open this address: {address}', { address: href }),
      }
    }),
  }
  return {
    id: `${kind}.${createHash('sha256').update(reference).digest('base64url').slice(0, 22)}`,
    to,
    subject,
    text: PLAIN.renderString(TEXT, shown),
    html: ESCAPING.renderString(HTML, shown),
  }
}

const ESCAPING = new Eta({ autoEscape: true })
/** Plain text has nothing to escape. */
const PLAIN = new Eta({ autoEscape: false, autoTrim: false })

const TEXT = `<% it.parts.forEach((part) => { %><%= typeof part === 'string' ? part : part.href %>

<% }) %>`

/** Styles are inline, because mail programs remove style sheets. There is no image and no script. */
const HTML = `<!doctype html>
<html lang="<%= it.language %>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title><%= it.subject %></title>
</head>
<body style="margin:0;padding:32px 16px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<main style="max-width:34rem;margin:0 auto">
<p style="margin:0 0 24px;font-size:18px;font-weight:600"><%= it.brand %></p>
<% for (const part of it.parts) { %>
<% if (typeof part === 'string') { %>
<p style="margin:0 0 16px"><%= part %></p>
<% } else { %>
<p style="margin:0 0 16px"><a href="<%= part.href %>" style="display:inline-block;padding:12px 20px;border-radius:10px;background:#12151c;color:#ffffff;border:1px solid #808999;font-weight:600;text-decoration:none"><%= part.label %></a></p>
<p style="margin:0 0 16px;font-size:13px;word-break:break-all"><%= part.hint %></p>
<% } %>
<% } %>
</main>
</body>
</html>
`
