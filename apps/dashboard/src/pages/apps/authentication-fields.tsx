import { Checkbox } from '../../ui/checkbox.tsx'
import { ChoiceGroup } from '../../ui/choice-group.tsx'
import { TextField } from '../../ui/field.tsx'
import { type Option, Select } from '../../ui/select.tsx'
import type { AppAuthentication, AppDraft, DraftProblems, SigningAlgorithm } from './app-draft.ts'

const AUTHENTICATION: readonly { readonly value: AppAuthentication; readonly label: string }[] = [
  { value: 'secret', label: 'Client secret' },
  { value: 'jwks-uri', label: 'Keys at an address' },
  { value: 'jwks', label: 'Keys entered here' },
]

const SIGNING_ALGORITHMS: readonly Option<SigningAlgorithm | 'any'>[] = [
  { value: 'any', label: 'Any that the keys can have' },
  ...(['ES256', 'ES384', 'PS256', 'EdDSA', 'RS256'] as const satisfies SigningAlgorithm[]).map((value) => ({
    value,
    label: value,
  })),
]

/** How a web app authenticates, and signs its requests. */
export const AuthenticationFields = ({
  draft,
  onChange,
  problems,
}: {
  readonly draft: AppDraft
  readonly onChange: (change: Partial<AppDraft>) => void
  readonly problems: DraftProblems
}) => (
  <div className="stack">
    <ChoiceGroup
      label="How does it authenticate?"
      value={draft.authentication}
      choices={AUTHENTICATION}
      onValueChange={(authentication) => onChange({ authentication })}
      hint={
        draft.authentication === 'secret'
          ? 'It sends its secret.'
          : 'It signs an assertion with its private key (private_key_jwt), which never leaves it.'
      }
    />
    {draft.authentication === 'jwks-uri' && (
      <TextField
        label="Address of the public keys"
        hint="A JWK Set, which the app can change by itself."
        type="url"
        placeholder="https://example.com/jwks.json"
        value={draft.jwksUri}
        onValueChange={(jwksUri) => onChange({ jwksUri })}
        autoComplete="off"
        problem={problems.jwksUri}
      />
    )}
    {draft.authentication === 'jwks' && (
      <TextField
        label="Public keys"
        hint="A JWK Set, or one public key as JWK."
        value={draft.jwks}
        onValueChange={(jwks) => onChange({ jwks })}
        render={<textarea rows={6} />}
        className="mono"
        autoComplete="off"
        spellCheck={false}
        problem={problems.jwks}
      />
    )}
    {draft.authentication !== 'secret' && (
      <>
        <Checkbox
          checked={draft.requireSignedRequestObject}
          onCheckedChange={(requireSignedRequestObject) => onChange({ requireSignedRequestObject })}
        >
          Require signed requests (RFC 9101): a request cannot be changed on its way, and only the app can make one.
        </Checkbox>
        <Select
          label="Algorithm of signed requests"
          value={draft.requestObjectSigningAlg}
          options={SIGNING_ALGORITHMS}
          onValueChange={(requestObjectSigningAlg) => onChange({ requestObjectSigningAlg })}
          hint="Requests that are signed with another one are refused."
        />
      </>
    )}
  </div>
)
