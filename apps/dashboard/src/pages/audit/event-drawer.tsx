import type { AuditLog } from '@daytona-auth/sdk'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { IpAddress } from '../../ui/ip-address.tsx'
import { formatAbsolute } from '../../ui/time.ts'
import { actorOf, type Names, targetOf, verbOf } from './sentences.ts'

/** All details of an event. */
export function EventDrawer({
  event,
  names,
  onClose,
}: {
  readonly event: AuditLog | undefined
  readonly names: Names
  readonly onClose: () => void
}) {
  return (
    <Dialog isOpen={event !== undefined} onClose={onClose} title="Event" shape="drawer">
      {event && <Details event={event} names={names} />}
    </Dialog>
  )
}

function Details({ event, names }: { readonly event: AuditLog; readonly names: Names }) {
  const json = JSON.stringify(event, undefined, 2)
  return (
    <>
      <p>
        <bdi>{actorOf(event, names)}</bdi> {verbOf(event)} <bdi>{targetOf(event, names)}</bdi>
      </p>
      <dl className="facts">
        <dt>When</dt>
        <dd>{formatAbsolute(new Date(event.createdAt))}</dd>
        <dt>Action</dt>
        <dd>
          <code>{event.action}</code>
        </dd>
        <dt>Address</dt>
        <dd>
          <IpAddress address={event.ipAddress} />
        </dd>
        <dt>Browser or program</dt>
        <dd>{event.userAgent ?? '–'}</dd>
      </dl>
      <div className="row between">
        <h3>JSON</h3>
        <CopyButton text={json} label="Copy JSON" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      <pre className="audit-json" tabIndex={0}>
        {json}
      </pre>
    </>
  )
}
