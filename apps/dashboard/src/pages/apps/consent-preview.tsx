import './consent-preview.css'
import { Check } from 'lucide-react'
import { useProfile } from '../../session/use-session.ts'
import type { AppDraft } from './app-draft.ts'
import { listUris } from './redirect-uris.ts'
import { describeScopes } from './scopes.ts'

/** What people will see when the app asks for access. Nothing in it can be pressed. */
export function ConsentPreview({
  draft,
  organizationName,
}: {
  readonly draft: AppDraft
  readonly organizationName: string
}) {
  const { email } = useProfile()
  const name = draft.name.trim() || 'Your app'
  const homepage = URL.parse(draft.homepageUri)?.host
  const host = hostOf(draft)
  const scopes = describeScopes(draft.identity, draft.permissions)
  return (
    <figure className="consent" aria-label="Preview of the consent page">
      <figcaption className="hint">What people see when your app asks for access</figcaption>
      <div className="card padded consent-page">
        <div className="consent-app">
          <span className="consent-letter" aria-hidden="true">
            {firstLetter(name)}
          </span>
          <div>
            <p>
              <bdi className="consent-name">{name}</bdi>
            </p>
            {homepage && <p className="soft small">{homepage}</p>}
          </div>
        </div>
        <p className="consent-title">
          <bdi>{name}</bdi> wants to use your account
        </p>
        <p className="soft small">
          You are signed in as <strong>{email}</strong>.
        </p>
        <p className="notice warn small">
          <strong>Third-party app, not verified by Daytona</strong> Allow it only if you trust{' '}
          {host ?? 'the app on your device'} and started this yourself.
        </p>
        <p className="consent-part">
          <bdi>{name}</bdi> will be able to
        </p>
        <ul className="consent-scopes">
          {scopes.map(({ sentence, isStrong, isOptional }) => (
            <li key={sentence} {...(isStrong && { className: 'warn-text' })}>
              {isOptional ? (
                <span className="consent-box chosen" aria-hidden="true">
                  <Check className="icon" />
                </span>
              ) : (
                <Check className="icon" aria-hidden="true" />
              )}
              {sentence}
            </li>
          ))}
        </ul>
        <p className="soft small">Leave out what you do not want it to do.</p>
        {draft.permissions.size > 0 && (
          <>
            <p className="consent-part">In these organizations</p>
            <p className="consent-organization">
              <span className="consent-box" aria-hidden="true" />
              <bdi>{organizationName}</bdi>
            </p>
          </>
        )}
        <div className="row" aria-hidden="true">
          <span className="button primary consent-button">Allow access</span>
          <span className="button consent-button">Deny</span>
        </div>
        <p className="soft small">
          {host === undefined ? (
            'You will be sent back to the app on your device.'
          ) : (
            <>
              You will be sent to <strong>{host}</strong>.
            </>
          )}
        </p>
      </div>
    </figure>
  )
}

/** Returns the host that the browser is sent to; undefined for an app on the same device. */
function hostOf({ redirectUris }: AppDraft): string | undefined {
  const [first = ''] = listUris(redirectUris)
  const url = URL.parse(first)
  if (!url || !/^https?:$/.test(url.protocol) || /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname))
    return undefined
  return url.host
}

/** Returns the first grapheme: an emoji counts as one letter. */
function firstLetter(name: string): string {
  const [first] = new Intl.Segmenter('en').segment(name)
  return first?.segment.toUpperCase() ?? '?'
}
