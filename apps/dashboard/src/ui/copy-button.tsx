import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button, type ButtonKind } from './button.tsx'

/** Copies `text`, and says so. `label` names what is copied: "Copy", "Copy curl". */
export function CopyButton({
  text,
  label = 'Copy',
  kind,
  isIconOnly = false,
  onCopied,
}: {
  readonly text: string
  readonly label?: string
  readonly kind?: ButtonKind
  readonly isIconOnly?: boolean
  readonly onCopied?: () => void
}) {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>()
  useEffect(() => {
    if (outcome === undefined) return
    const timer = setTimeout(() => setOutcome(undefined), 2500)
    return () => clearTimeout(timer)
  }, [outcome])
  const shown = outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Copying failed' : label
  return (
    <Button
      {...(kind && { kind })}
      isIconOnly={isIconOnly}
      aria-label={shown}
      onClick={async () => {
        try {
          await navigator.clipboard.writeText(text)
          setOutcome('copied')
          onCopied?.()
        } catch {
          setOutcome('failed')
        }
      }}
    >
      {outcome === 'copied' ? (
        <Check className="icon" aria-hidden="true" />
      ) : (
        <Copy className="icon" aria-hidden="true" />
      )}
      {!isIconOnly && shown}
      <span className="visually-hidden" aria-live="polite">
        {outcome === undefined ? '' : shown}
      </span>
    </Button>
  )
}
