import type { OauthApp } from '@daytona-auth/sdk'
import { useState } from 'react'
import { ChoiceGroup } from '../../ui/choice-group.tsx'
import { Snippet } from '../../ui/snippet.tsx'
import { hasSecret } from './app-draft.ts'
import { environmentOf, examplesOf } from './code.ts'

/** Programs with the client's id. With a secret, the environment has it when it is copied, and a placeholder on the page. */
export function ReadyCode({
  app,
  secret,
  onCopied,
}: {
  readonly app: OauthApp
  readonly secret?: string
  readonly onCopied?: () => void
}) {
  const examples = examplesOf(app, location.origin)
  const [title, setTitle] = useState(examples[0]?.title ?? '')
  const shown = examples.find((one) => one.title === title) ?? examples[0]
  const shownSecret = hasSecret(app) ? '…' : undefined
  return (
    <section className="stack" aria-label="Use it">
      <h2>Use it</h2>
      {secret !== undefined && (
        <Snippet
          title="environment"
          text={environmentOf(location.origin, app.clientId, shownSecret)}
          copied={environmentOf(location.origin, app.clientId, secret)}
          {...(onCopied && { onCopied })}
        />
      )}
      {examples.length > 1 && (
        <ChoiceGroup
          label="Program"
          value={title}
          choices={examples.map((one) => ({ value: one.title, label: one.title }))}
          onValueChange={setTitle}
        />
      )}
      {shown && <Snippet title={shown.title} text={shown.text} />}
    </section>
  )
}
