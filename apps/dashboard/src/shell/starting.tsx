import { ErrorResponse } from 'oidc-client-ts'
import { Brand } from '../ui/brand.tsx'
import { Button } from '../ui/button.tsx'
import { Notice, Skeleton } from '../ui/states.tsx'

/** The frame of the pages while the session starts, so that nothing moves when they appear. */
export const Starting = () => (
  <div className="shell" aria-busy="true">
    <div className="topbar">
      <Brand />
    </div>
    <div className="sidebar">
      <span className="brand-link">
        <Brand />
      </span>
      <Skeleton height="2.75rem" />
    </div>
    <main className="main">
      <div className="page">
        <p className="visually-hidden" role="status">
          Signing you in
        </p>
        <Skeleton height="2rem" />
        <Skeleton height="20rem" />
      </div>
    </main>
  </div>
)

/** Shown if a person cancelled the sign-in, or if it failed. */
export function StartFailed({ error }: { readonly error: unknown }) {
  const isCancelled = error instanceof ErrorResponse && error.error === 'access_denied'
  return (
    <main className="boot">
      <div className="card boot-card stack">
        <Brand />
        <h1>{isCancelled ? 'You are not signed in' : 'Signing in failed'}</h1>
        {!isCancelled && <Notice tone="bad">{sentenceOf(error)}</Notice>}
        <Button kind="primary" onClick={() => location.assign('/dashboard')}>
          {isCancelled ? 'Sign in' : 'Try again'}
        </Button>
      </div>
    </main>
  )
}

function sentenceOf(error: unknown): string {
  if (error instanceof ErrorResponse)
    return error.error_description ?? error.error ?? 'The provider refused the request.'
  // The response was opened a second time, such as by the back button.
  if (error instanceof Error && /state/i.test(error.message)) return 'This sign-in was completed or has expired.'
  return 'The server could not be reached. Check your connection.'
}
