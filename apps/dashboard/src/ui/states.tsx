import './states.css'
import { DaytonaAuthError } from '@daytona-auth/sdk'
import type { UseQueryResult } from '@tanstack/react-query'
import { CircleAlert, Info, Lock, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import type { Tone } from './chip.tsx'

const ICONS: Record<Tone, LucideIcon> = { neutral: Info, good: Info, warn: TriangleAlert, bad: CircleAlert }

/** A message beside the thing that it is about. `bad` and `warn` are announced. */
export function Notice({ tone = 'neutral', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  const Icon = ICONS[tone]
  return (
    <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon className="icon" aria-hidden="true" />
      <div>{children}</div>
    </div>
  )
}

/** Takes the place of a list that has no items, or of a page that cannot be shown. */
export function EmptyState({
  icon: Icon,
  title,
  children,
}: {
  readonly icon: LucideIcon
  readonly title: string
  readonly children?: ReactNode
}) {
  return (
    <div className="state">
      <Icon className="icon" aria-hidden="true" />
      <h2>{title}</h2>
      {children}
    </div>
  )
}

/** States which permission a page needs. `action` completes "to …". */
export const NoPermission = ({ permission, action }: { readonly permission: string; readonly action: string }) => (
  <EmptyState icon={Lock} title="You don’t have access to this page">
    <p>
      You need <code>{permission}</code> in this organization to {action}. Ask an owner of the organization for it.
    </p>
  </EmptyState>
)

/** Shows a failed request in the API's words, with the id that the operator finds it by. */
export function ErrorNotice({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const { sentence, details, requestId } = describeError(error)
  return (
    <Notice tone="bad">
      <p>
        <strong>{sentence}</strong>
      </p>
      {details.length > 0 && (
        <ul>
          {details.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              {path}: {message}
            </li>
          ))}
        </ul>
      )}
      {requestId !== undefined && (
        <p className="small">
          Request <code>{requestId}</code>
        </p>
      )}
      {onRetry && (
        <p>
          <Button onClick={onRetry}>Try again</Button>
        </p>
      )}
    </Notice>
  )
}

/** What a person reads of an error. The API's sentences begin with a capital and say what to do. */
export function describeError(error: unknown): {
  readonly sentence: string
  readonly details: readonly { readonly path: string; readonly message: string }[]
  readonly requestId: string | undefined
} {
  if (error instanceof DaytonaAuthError) {
    const { error: sentence, details, requestId } = error
    return { sentence: details.length > 0 ? 'Some values are not accepted' : sentence, details, requestId }
  }
  const sentence =
    error instanceof DOMException && error.name === 'TimeoutError'
      ? 'The server did not respond in time'
      : 'The server could not be reached. Check your connection.'
  return { sentence, details: [], requestId: undefined }
}

/**
 * Shows the states of a query: `loading` until the first data, the error with a retry, then `children`. Data that is there
 * already stays visible when reading it again fails.
 */
export function QueryStates<Data>({
  query,
  loading,
  forbidden,
  children,
}: {
  readonly query: UseQueryResult<Data>
  readonly loading: ReactNode
  /** Takes the place of a 403. */
  readonly forbidden?: ReactNode
  readonly children: (data: Data) => ReactNode
}) {
  const { data, error, refetch } = query
  if (data === undefined) {
    if (!error) return loading
    if (forbidden && error instanceof DaytonaAuthError && error.statusCode === 403) return forbidden
    return <ErrorNotice error={error} onRetry={() => void refetch()} />
  }
  return (
    <>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {children(data)}
    </>
  )
}

/** A placeholder of the size of the content that will take its place. */
export const Skeleton = ({ height = '1.25rem' }: { readonly height?: string }) => (
  <span className="skeleton" style={{ minHeight: height }} aria-hidden="true" />
)
