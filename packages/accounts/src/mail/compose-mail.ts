import { createHash } from 'node:crypto'
import type { Mail } from '@daytona-auth/service'
import { Eta } from 'eta'

/** A part of a mail: a paragraph of plain text, or a link of ours on a line of its own. */
export type MailPart = string | { readonly label: string; readonly href: string }

export interface MailContent {
  /** What the mail is about, such as `recovery`: a part of its Message-ID. */
  readonly kind: string
  /** Identifies the mail among those of its kind, such as the digest of its token. A repeated send has the same one. */
  readonly reference: Uint8Array | string
  readonly to: string
  readonly subject: string
  readonly parts: readonly MailPart[]
}

/**
 * Composes a mail with the same content as plain text and as HTML. Parts are text: names of people and organizations in
 * them must have passed `shownName` or `quotedName`, so that no mail program turns one into a link.
 */
export function composeMail({ kind, reference, to, subject, parts }: MailContent): Mail {
  const content = { subject, parts }
  return {
    id: `${kind}.${createHash('sha256').update(reference).digest('base64url').slice(0, 22)}`,
    to,
    subject,
    text: PLAIN.renderString(TEXT, content),
    html: ESCAPING.renderString(HTML, content),
  }
}

const ESCAPING = new Eta({ autoEscape: true })
/** Plain text has nothing to escape. */
const PLAIN = new Eta({ autoEscape: false, autoTrim: false })

const TEXT = `<% it.parts.forEach((part) => { %><%= typeof part === 'string' ? part : part.href %>

<% }) %>`

/** Styles are inline, because mail programs remove style sheets. There is no image and no script. */
const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title><%= it.subject %></title>
</head>
<body style="margin:0;padding:32px 16px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<main style="max-width:34rem;margin:0 auto">
<p style="margin:0 0 24px;font-size:18px;font-weight:600">Daytona</p>
<% for (const part of it.parts) { %>
<% if (typeof part === 'string') { %>
<p style="margin:0 0 16px"><%= part %></p>
<% } else { %>
<p style="margin:0 0 16px"><a href="<%= part.href %>" style="display:inline-block;padding:12px 20px;border-radius:10px;background:#12151c;color:#ffffff;border:1px solid #808999;font-weight:600;text-decoration:none"><%= part.label %></a></p>
<p style="margin:0 0 16px;font-size:13px;word-break:break-all">If the button does not work, open this address: <%= part.href %></p>
<% } %>
<% } %>
</main>
</body>
</html>
`
