import type { Ref } from 'react'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import type { ApiDraft, ApiProblems } from './api-draft.ts'
import { ScopesField } from './scopes-field.tsx'

/** The fields of an API. Its identifier cannot be changed once it is registered. */
export function ApiFields({
  draft,
  onChange,
  problems,
  isChecked,
  isNew,
  isIdentifierTaken = false,
  firstRef,
}: {
  readonly draft: ApiDraft
  readonly onChange: (change: Partial<ApiDraft>) => void
  readonly problems: ApiProblems
  readonly isChecked: boolean
  readonly isNew: boolean
  readonly isIdentifierTaken?: boolean
  readonly firstRef: Ref<HTMLInputElement>
}) {
  const { identifier } = problems
  const isIdentifierWrong = isChecked && identifier !== undefined
  return (
    <>
      <TextField
        ref={firstRef}
        label="Name"
        hint="People see it when they are asked for access."
        value={draft.name}
        onValueChange={(name) => onChange({ name })}
        maxLength={128}
        autoComplete="off"
        dir="auto"
        required
        problem={isChecked && problems.name}
      />
      {isNew && (
        <div className="stack tight">
          <TextField
            label="URL"
            hint="Where the API is. Apps name it when they request tokens, and it is the audience of the tokens. It cannot be changed afterwards."
            type="url"
            placeholder="https://invoices.example.com"
            value={draft.identifier}
            onValueChange={(next) => onChange({ identifier: next })}
            maxLength={500}
            className="mono"
            autoComplete="off"
            spellCheck={false}
            required
            problem={
              isIdentifierWrong
                ? identifier.problem
                : isIdentifierTaken && 'An API with this URL is registered, here or in another organization.'
            }
          />
          {isIdentifierWrong && identifier.fix !== undefined && (
            <div>
              <Button onClick={() => onChange({ identifier: identifier.fix ?? '' })}>
                Use <code>{identifier.fix}</code>
              </Button>
            </div>
          )}
        </div>
      )}
      <ScopesField
        scopes={draft.scopes}
        onChange={(scopes) => onChange({ scopes })}
        problems={isChecked ? problems.scopes : NO_PROBLEMS}
      />
    </>
  )
}

const NO_PROBLEMS: ApiProblems['scopes'] = new Map()
