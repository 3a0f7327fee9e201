import { compressPermissions } from '../../../permissions/permissions.ts'
import { Snippet } from '../../../ui/snippet.tsx'
import { formatDay } from '../../../ui/time.ts'
import { formatCliLine, formatCurlLine, type KeyRequest } from '../command-lines.ts'

/** What will be created: in words, and as the lines that do the same elsewhere. */
export function Summary({
  request,
  organizationId,
}: {
  readonly request: KeyRequest
  readonly organizationId: string
}) {
  const { permissions, expiresAt, organizationIds } = request
  const access = compressPermissions(permissions).map(({ label }) => label)
  return (
    <section className="card padded stack" aria-label="Summary">
      <p>
        {access.length === 0 ? 'A key without permissions yet' : `A key with ${access.join(', ')}`}
        {organizationIds.length > 0 && ` in ${organizationIds.length + 1} organizations`}
        {expiresAt === null ? ', valid until it is revoked.' : `, valid until ${formatDay(expiresAt)}.`}
      </p>
      <details>
        <summary>The same by command line or API</summary>
        <div className="stack snippets">
          <Snippet title="CLI" text={formatCliLine(request)} />
          <Snippet title="curl" text={formatCurlLine(request, location.origin, organizationId)} />
        </div>
      </details>
    </section>
  )
}
