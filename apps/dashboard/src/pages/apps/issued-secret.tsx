import type { CreatedOauthApp } from '@daytona-auth/sdk'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { buttonClass } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Page } from '../../ui/page.tsx'
import { LeaveWithoutSecret, SecretOnce } from '../../ui/secret-once.tsx'
import { environmentOf } from './code.ts'
import { ReadyCode } from './ready-code.tsx'
import { maskSecret } from './secret-mask.ts'

/** A new app, or a new secret: the secret once, the client's id, and code that uses both. */
export function IssuedSecret({
  title,
  app,
  organizationId,
  onDone,
}: {
  readonly title: string
  readonly app: CreatedOauthApp
  readonly organizationId: string
  /** Called when the person is done. The owner of the secret discards it. */
  readonly onDone: () => void
}) {
  const { clientId, clientSecret, name } = app
  const [isCopied, setIsCopied] = useState(false)
  const isKept = clientSecret === undefined || isCopied
  const keep = (): void => setIsCopied(true)
  return (
    <Page title={title} lead={<bdi>{name}</bdi>} isNarrow>
      {clientSecret !== undefined && (
        <SecretOnce
          noun="client secret"
          value={clientSecret}
          mask={maskSecret(clientSecret)}
          environment={`${environmentOf(location.origin, clientId, clientSecret)}\n`}
          onKept={keep}
        />
      )}
      <section className="card padded" aria-label="The app">
        <dl className="facts">
          <dt>Client id</dt>
          <dd className="row">
            <code>{clientId}</code>
            <CopyButton text={clientId} label="Copy client id" kind="plain" isIconOnly />
          </dd>
          <dt>Issuer</dt>
          <dd>
            <code>{location.origin}</code>
          </dd>
        </dl>
      </section>
      <ReadyCode app={app} {...(clientSecret !== undefined && { secret: clientSecret })} onCopied={keep} />
      <div className="dialog-actions">
        <Link
          to="/o/$organizationId/apps/$clientId"
          params={{ organizationId, clientId }}
          className={buttonClass(isKept ? 'primary' : 'normal')}
          {...(isKept && { onClick: onDone })}
        >
          Done
        </Link>
      </div>
      <LeaveWithoutSecret noun="client secret" isKept={isKept} onLeave={onDone}>
        It will not be shown again. Without it, the app cannot authenticate: you would have to create another one.
      </LeaveWithoutSecret>
    </Page>
  )
}
