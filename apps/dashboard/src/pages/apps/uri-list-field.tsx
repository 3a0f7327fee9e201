import type { OauthApp } from '@daytona-auth/sdk'
import { type ReactNode, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { findUriProblems, replaceLine } from './redirect-uris.ts'

/** Redirect URIs, one a line. Each line that would be refused is named, with a button that corrects it. */
export function UriListField({
  label,
  hint,
  value,
  type,
  onValueChange,
  problem,
  isChecked,
  rows = 3,
}: {
  readonly label: string
  readonly hint: ReactNode
  readonly value: string
  readonly type: OauthApp['type']
  readonly onValueChange: (value: string) => void
  /** What is wrong with the list as a whole. */
  readonly problem?: string | undefined
  /** Whether the form was submitted. Before, lines are checked once the field was left. */
  readonly isChecked: boolean
  readonly rows?: number
}) {
  const [isLeft, setIsLeft] = useState(false)
  const problems = isChecked || isLeft ? findUriProblems(value, type) : []
  return (
    <div className="stack tight">
      <TextField
        label={label}
        hint={hint}
        value={value}
        onValueChange={onValueChange}
        onBlur={() => setIsLeft(value.trim() !== '')}
        render={<textarea rows={rows} />}
        className="mono"
        autoComplete="off"
        spellCheck={false}
        inputMode="url"
        problem={problem ?? (problems.length > 0 && 'Some lines cannot be redirect URIs.')}
      />
      <ul className="uri-problems" aria-live="polite">
        {problems.map(({ line, uri, problem: reason, fix }) => (
          <li key={`${line} ${uri}`} className="row">
            <span className="wrong">
              {`Line ${line}: `}
              <code>{uri}</code> {reason}.
            </span>
            {fix !== undefined && (
              <Button onClick={() => onValueChange(replaceLine(value, line, fix))}>
                Use <code>{fix}</code>
              </Button>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
