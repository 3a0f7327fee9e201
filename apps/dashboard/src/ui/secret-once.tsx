import './secret-once.css'
import { useBlocker } from '@tanstack/react-router'
import { Download, Eye, EyeOff } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Button } from './button.tsx'
import { CopyButton } from './copy-button.tsx'
import { ConfirmDialog } from './dialog.tsx'
import { download } from './download.ts'
import { Notice } from './states.tsx'

/**
 * Shows a new secret, masked at first. The value is a property only: not in the URL, the history, the query cache, storage
 * or a message.
 */
export function SecretOnce({
  noun,
  value,
  mask,
  environment,
  onKept,
}: {
  /** What it is: "key", "client secret". */
  readonly noun: string
  readonly value: string
  readonly mask: string
  /** The content of the file `.env`. */
  readonly environment: string
  /** Called when the secret was copied or saved. */
  readonly onKept: () => void
}) {
  const [isRevealed, setIsRevealed] = useState(false)
  return (
    <>
      <Notice tone="warn">
        <strong>{`Copy the ${noun} now.`}</strong> It is shown only this once. We store nothing that it could be
        recovered from.
      </Notice>
      <section className="card padded stack" aria-label={`The ${noun}`}>
        <div className="secret">
          <code data-testid="secret">{isRevealed ? value : mask}</code>
        </div>
        <div className="row">
          <CopyButton kind="primary" label={`Copy ${noun}`} text={value} onCopied={onKept} />
          <Button onClick={() => setIsRevealed(!isRevealed)} aria-pressed={isRevealed}>
            {isRevealed ? <EyeOff className="icon" aria-hidden="true" /> : <Eye className="icon" aria-hidden="true" />}
            {isRevealed ? 'Hide' : 'Reveal'}
          </Button>
          <Button
            onClick={() => {
              download('.env', new Blob([environment], { type: 'text/plain' }))
              onKept()
            }}
          >
            <Download className="icon" aria-hidden="true" />
            Download .env
          </Button>
        </div>
      </section>
    </>
  )
}

/** Asks before the page of a secret is left that was neither copied nor saved. */
export function LeaveWithoutSecret({
  noun,
  isKept,
  children,
  onLeave,
}: {
  readonly noun: string
  readonly isKept: boolean
  /** What that means. */
  readonly children: ReactNode
  /** The owner of the secret discards it. */
  readonly onLeave: () => void
}) {
  const blocker = useBlocker({ shouldBlockFn: () => !isKept, enableBeforeUnload: () => !isKept, withResolver: true })
  return (
    <ConfirmDialog
      isOpen={blocker.status === 'blocked'}
      onClose={() => blocker.reset?.()}
      title={`You have not copied the ${noun}`}
      action="Leave without it"
      onConfirm={() => {
        onLeave()
        blocker.proceed?.()
      }}
    >
      {children}
    </ConfirmDialog>
  )
}
