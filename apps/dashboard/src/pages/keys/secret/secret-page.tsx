import './secret-page.css'
import { type IssuedApiKey, maskKey } from '@daytona-auth/sdk'
import { Link, useBlocker } from '@tanstack/react-router'
import { Download, Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
import { Page } from '../../../ui/page.tsx'
import { Select } from '../../../ui/select.tsx'
import { Snippet } from '../../../ui/snippet.tsx'
import { Notice } from '../../../ui/states.tsx'
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
  const { name, value } = issued
  const [isKept, setIsKept] = useState(false)
  const [isRevealed, setIsRevealed] = useState(false)
  const [language, setLanguage] = useState('curl')
  const keep = (): void => setIsKept(true)
  const mask = shortenMask(maskKey(value))
  const blocker = useBlocker({ shouldBlockFn: () => !isKept, enableBeforeUnload: () => !isKept, withResolver: true })
  const languages = usageLines(location.origin)
  const example = languages.find((one) => one.title === language) ?? languages[0]
  const program = example?.lines.join('\n') ?? ''
  const exported = (secret: string): string => `export DAYTONA_API_KEY=${secret}`
  return (
    <Page title={title} lead={<bdi>{name}</bdi>} isNarrow>
      <Notice tone="warn">
        <strong>Copy the key now.</strong> It is shown only this once. We store nothing that it could be recovered from.
      </Notice>
      <section className="card padded stack" aria-label="The key">
        <div className="secret">
          <code data-testid="secret">{isRevealed ? value : mask}</code>
        </div>
        <div className="row">
          <CopyButton kind="primary" label="Copy key" text={value} onCopied={keep} />
          <Button onClick={() => setIsRevealed(!isRevealed)} aria-pressed={isRevealed}>
            {isRevealed ? <EyeOff className="icon" aria-hidden="true" /> : <Eye className="icon" aria-hidden="true" />}
            {isRevealed ? 'Hide' : 'Reveal'}
          </Button>
          <Button
            onClick={() => {
              download('.env', `DAYTONA_API_URL=${location.origin}\nDAYTONA_API_KEY=${value}\n`)
              keep()
            }}
          >
            <Download className="icon" aria-hidden="true" />
            Download .env
          </Button>
        </div>
      </section>
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
        <FirstRequest organizationId={organizationId} name={name} isRotation={isRotation} since={issued.createdAt} />
      </section>
      <div className="dialog-actions">
        <Link
          to="/o/$organizationId/keys/$keyId"
          params={{ organizationId, keyId: issued.id }}
          className={buttonClass(isKept ? 'primary' : 'normal')}
          {...(isKept && { onClick: onDone })}
        >
          Done
        </Link>
      </div>
      <ConfirmDialog
        isOpen={blocker.status === 'blocked'}
        onClose={() => blocker.reset?.()}
        title="You have not copied the key"
        action="Leave without it"
        onConfirm={() => {
          onDone()
          blocker.proceed?.()
        }}
      >
        It will not be shown again. Without it, the key is of no use: you would have to rotate it for a new secret.
      </ConfirmDialog>
    </Page>
  )
}

/** Saves a text as a file. It does not leave the browser. */
function download(fileName: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  URL.revokeObjectURL(url)
}
