import './scopes-field.css'
import { Plus, X } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { emptyScope, type ScopeDraft, type ScopeProblems } from './api-draft.ts'

const MAX_SCOPES = 100

/** The scopes of an API: a name for programs, and what it allows for people. */
export function ScopesField({
  scopes,
  onChange,
  problems,
}: {
  readonly scopes: readonly ScopeDraft[]
  readonly onChange: (scopes: readonly ScopeDraft[]) => void
  /** By the key of the scope. */
  readonly problems: ReadonlyMap<number, ScopeProblems>
}) {
  const change = (key: number, values: Partial<ScopeDraft>): void =>
    onChange(scopes.map((scope) => (scope.key === key ? { ...scope, ...values } : scope)))
  return (
    <fieldset className="fieldset">
      <legend className="field-label">Scopes</legend>
      <p className="hint">What apps may request. People read what each allows when they are asked for access.</p>
      {scopes.length > 0 && (
        <ul className="scope-rows">
          {scopes.map(({ key, name, description }, index) => (
            <li key={key} className="scope-row">
              <TextField
                label={<Numbered text="Name" number={index + 1} />}
                placeholder="invoices:read"
                value={name}
                onValueChange={(next) => change(key, { name: next })}
                maxLength={100}
                className="mono"
                autoComplete="off"
                spellCheck={false}
                problem={problems.get(key)?.name}
              />
              <TextField
                label={<Numbered text="What it allows" number={index + 1} />}
                placeholder="See your invoices"
                value={description}
                onValueChange={(next) => change(key, { description: next })}
                maxLength={128}
                autoComplete="off"
                dir="auto"
                problem={problems.get(key)?.description}
              />
              <Button
                kind="plain"
                isIconOnly
                aria-label={name.trim() === '' ? `Remove scope ${index + 1}` : `Remove the scope ${name}`}
                onClick={() => onChange(scopes.filter((scope) => scope.key !== key))}
              >
                <X className="icon" aria-hidden="true" />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button disabled={scopes.length >= MAX_SCOPES} onClick={() => onChange([...scopes, emptyScope()])}>
          <Plus className="icon" aria-hidden="true" />
          Add scope
        </Button>
      </div>
    </fieldset>
  )
}

/** Rows have the same labels; assistive technology reads their number too. */
const Numbered = ({ text, number }: { readonly text: string; readonly number: number }) => (
  <>
    {text}
    <span className="visually-hidden"> of scope {number}</span>
  </>
)
