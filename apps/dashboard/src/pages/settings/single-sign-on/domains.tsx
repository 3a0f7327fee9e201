import type { OrganizationDomain, OrganizationUser } from '@daytona-auth/sdk'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { addDomain, deleteDomain, domains, verifyDomain } from '../../../api/single-sign-on.ts'
import { Button } from '../../../ui/button.tsx'
import { Chip } from '../../../ui/chip.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { EndDialog } from '../../../ui/end-dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { ErrorNotice, Notice, QueryStates, Skeleton } from '../../../ui/states.tsx'
import { formatDay } from '../../../ui/time.ts'
import { showToast } from '../../../ui/toasts.tsx'
import { hasAddressIn } from './addresses.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** A record is looked up once a day: one that was not found for longer is missing. */
const MISSING_MS = 1.5 * DAY_MS
const LAPSE_MS = 7 * DAY_MS

interface DomainsProps {
  readonly organizationId: string
  readonly isOwner: boolean
  readonly people: readonly OrganizationUser[]
}

/** The e-mail domains of the organization, each with the DNS record that proves it. */
export function Domains({ organizationId, isOwner, people }: DomainsProps) {
  const query = useQuery(domains(organizationId))
  const [ending, setEnding] = useState<OrganizationDomain>()
  const [isEnding, setIsEnding] = useState(false)
  return (
    <section className="card" aria-label="E-mail domains">
      <div className="domain-head-card stack">
        <h2>E-mail domains</h2>
        <p className="soft">
          Addresses of verified domains can sign in with your identity provider. A domain belongs to one organization.
        </p>
        {isOwner && <AddDomain organizationId={organizationId} />}
      </div>
      <QueryStates query={query} loading={<Skeleton height="6rem" />}>
        {(list) => (
          <ul className="domain-list">
            {list.map((domain) => (
              <Domain
                key={domain.id}
                domain={domain}
                organizationId={organizationId}
                isOwner={isOwner}
                onDelete={() => {
                  setEnding(domain)
                  setIsEnding(true)
                }}
              />
            ))}
          </ul>
        )}
      </QueryStates>
      {ending && (
        <EndDialog
          isOpen={isEnding}
          onClose={() => setIsEnding(false)}
          verb="Delete"
          name={ending.domain}
          action="Delete domain"
          end={() => deleteDomain(organizationId, ending.id)}
          onEnded={() => {
            setIsEnding(false)
            showToast('The domain is deleted.')
          }}
        >
          <DomainEnd domain={ending} people={people} />
        </EndDialog>
      )}
    </section>
  )
}

/** What the end of a domain means. */
function DomainEnd({
  domain,
  people,
}: {
  readonly domain: OrganizationDomain
  readonly people: DomainsProps['people']
}) {
  if (domain.status === 'pending') return <p>It is not verified yet, so nothing else changes.</p>
  const count = people.filter(({ email }) => hasAddressIn(email, domain.domain)).length
  return (
    <p>
      {count === 0
        ? 'No member has an address in it.'
        : `${count === 1 ? '1 member has an address' : `${count} members have addresses`} in it, and can no longer sign in with your identity provider. Those without a password choose one by a mail. They stay members.`}{' '}
      Another organization may verify the domain afterwards.
    </p>
  )
}

function AddDomain({ organizationId }: Pick<DomainsProps, 'organizationId'>) {
  const [domain, setDomain] = useState('')
  const adding = useMutation({
    mutationFn: () => addDomain(organizationId, domain.trim()),
    onSuccess: () => {
      setDomain('')
      showToast('The domain is added. Publish its record, then verify it.')
    },
  })
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (domain.trim() !== '' && !adding.isPending) adding.mutate()
      }}
    >
      <div className="domain-form">
        <TextField
          label="Domain"
          placeholder="example.com"
          value={domain}
          onValueChange={setDomain}
          maxLength={253}
          className="mono"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
        <Button type="submit" isBusy={adding.isPending} disabled={domain.trim() === ''}>
          Add domain
        </Button>
      </div>
      {adding.error && <ErrorNotice error={adding.error} />}
    </form>
  )
}

function Domain({
  domain: { id, domain, status, record, confirmedAt },
  organizationId,
  isOwner,
  onDelete,
}: Omit<DomainsProps, 'people'> & { readonly domain: OrganizationDomain; readonly onDelete: () => void }) {
  const verifying = useMutation({
    mutationFn: () => verifyDomain(organizationId, id),
    onSuccess: () => showToast('The domain is verified.'),
  })
  const isVerified = status === 'verified'
  const found = confirmedAt === null ? undefined : new Date(confirmedAt).getTime()
  const isMissing = isVerified && found !== undefined && Date.now() - found > MISSING_MS
  return (
    <li className="domain">
      <div className="domain-head">
        <h3>
          <code>{domain}</code>
        </h3>
        <Chip tone={isMissing ? 'warn' : isVerified ? 'good' : 'neutral'}>
          {isMissing ? 'Record missing' : isVerified ? 'Verified' : 'Pending'}
        </Chip>
      </div>
      {isMissing && (
        <Notice tone="warn">
          Its record was not found. The domain is pending again on {formatDay(new Date(found + LAPSE_MS))}, unless you
          publish the record before.
        </Notice>
      )}
      <p className="soft">
        {isVerified ? 'Keep this record: it is looked up once a day.' : 'Publish this record at your DNS provider.'}
      </p>
      <dl className="facts">
        <dt>Type</dt>
        <dd>{record.type}</dd>
        <dt>Name</dt>
        <dd className="row">
          <code>{record.name}</code>
          <CopyButton text={record.name} label={`Copy the name for ${domain}`} kind="plain" isIconOnly />
        </dd>
        <dt>Value</dt>
        <dd className="row">
          <code>{record.value}</code>
          <CopyButton text={record.value} label={`Copy the value for ${domain}`} kind="plain" isIconOnly />
        </dd>
        {confirmedAt !== null && (
          <>
            <dt>Last found</dt>
            <dd>
              <RelativeTime at={confirmedAt} />
            </dd>
          </>
        )}
      </dl>
      {verifying.error && <ErrorNotice error={verifying.error} />}
      {isOwner && (
        <div className="row">
          <Button
            kind={isVerified ? 'normal' : 'primary'}
            isBusy={verifying.isPending}
            onClick={() => verifying.mutate()}
          >
            {isVerified ? 'Check now' : 'Verify'}
            <span className="visually-hidden"> {domain}</span>
          </Button>
          <Button onClick={onDelete}>
            Delete
            <span className="visually-hidden"> {domain}</span>
          </Button>
        </div>
      )}
    </li>
  )
}
