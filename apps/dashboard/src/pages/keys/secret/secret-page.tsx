import { type IssuedApiKey, maskKey } from '@daytona-auth/sdk'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { buttonClass } from '../../../ui/button.tsx'
import { Page } from '../../../ui/page.tsx'
import { LeaveWithoutSecret, SecretOnce } from '../../../ui/secret-once.tsx'
import { Select } from '../../../ui/select.tsx'
import { Snippet } from '../../../ui/snippet.tsx'
import { usageLines } from '../command-lines.ts'
import { shortenMask } from '../shown-mask.ts'
import { FirstRequest } from './first-request.tsx'

/**
 * Shows a new secret once. It is in this component's state only: not in the URL, the history, the query cache, storage or
 * a message. Leaving before it was copied asks first.
 */
export function SecretPage({
  title,
  organizationId,
  issued,
  onDone,
  isRotation = false,
}: {
  readonly title: string
  readonly organizationId: string
  readonly issued: IssuedApiKey
  /** Called when the person is done. The owner of the secret discards it. */
  readonly onDone: () => void
  readonly isRotation?: boolean
}) {
  const { id, name, value } = issued
  const [isKept, setIsKept] = useState(false)
  const [language, setLanguage] = useState('curl')
  const keep = (): void => setIsKept(true)
  const mask = shortenMask(maskKey(value))
  const languages = usageLines(location.origin)
  const example = languages.find((one) => one.title === language) ?? languages[0]
  const program = example?.lines.join('\n') ?? ''
  const exported = (secret: string): string => `export DAYTONA_API_KEY=${secret}`
  return (
    <Page title={title} lead={<bdi>{name}</bdi>} isNarrow>
      <SecretOnce
        noun="key"
        value={value}
        mask={mask}
        environment={`DAYTONA_API_URL=${location.origin}\nDAYTONA_API_KEY=${value}\n`}
        onKept={keep}
      />
      <section className="stack" aria-label="Use it">
        <div className="row between">
          <h2>Use it</h2>
          <Select
            label="Language"
            isLabelHidden
            value={language}
            options={languages.map((one) => ({ value: one.title, label: one.title }))}
            onValueChange={setLanguage}
          />
        </div>
        <Snippet title="environment" text={exported(mask)} copied={exported(value)} onCopied={keep} />
        <Snippet title={language} text={program} />
        <FirstRequest
          organizationId={organizationId}
          id={id}
          name={name}
          isRotation={isRotation}
          since={issued.createdAt}
        />
      </section>
      <div className="dialog-actions">
        <Link
          to="/o/$organizationId/keys/$keyId"
          params={{ organizationId, keyId: id }}
          className={buttonClass(isKept ? 'primary' : 'normal')}
          {...(isKept && { onClick: onDone })}
        >
          Done
        </Link>
      </div>
      <LeaveWithoutSecret noun="key" isKept={isKept} onLeave={onDone}>
        It will not be shown again. Without it, the key is of no use: you would have to rotate it for a new secret.
      </LeaveWithoutSecret>
    </Page>
  )
}
