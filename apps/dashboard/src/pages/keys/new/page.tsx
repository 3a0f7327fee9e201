import { normalizeName } from '@daytona-auth/protocol/names'
import { ORGANIZATION_HEADER } from '@daytona-auth/protocol/organization-header'
import { DaytonaAuthError, type IssuedApiKey, type Permission } from '@daytona-auth/sdk'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { type FormEvent, useMemo, useRef, useState } from 'react'
import { apiKeysOf, ownApiKeyNamed } from '../../../api/api-keys.ts'
import { api } from '../../../api/client.ts'
import { members, organizations, permissionsOf } from '../../../api/organizations.ts'
import { queryClient } from '../../../api/query-client.ts'
import { PermissionMatrix } from '../../../permissions/permission-matrix.tsx'
import { useProfile } from '../../../session/use-session.ts'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { type ExpiryChoice, expiryOf } from '../../../ui/expiry.ts'
import { ExpiryField, ExpiryHint } from '../../../ui/expiry-field.tsx'
import { TextField } from '../../../ui/field.tsx'
import { MultiSelect } from '../../../ui/multi-select.tsx'
import { Page } from '../../../ui/page.tsx'
import { useNow } from '../../../ui/relative-time.tsx'
import { ErrorNotice } from '../../../ui/states.tsx'
import { UnsavedChanges } from '../../../ui/unsaved-changes.tsx'
import { isUsableName, problemOfName } from '../key-name.ts'
import { SecretPage } from '../secret/secret-page.tsx'
import { parsePermissions } from './search.ts'
import { Summary } from './summary.tsx'

const route = getRouteApi('/o/$organizationId/keys/new')

const EXPIRY: readonly { readonly value: ExpiryChoice; readonly label: string }[] = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'date', label: 'Date' },
  { value: 'none', label: 'Never' },
]

/** Creates an API key, and shows its secret once. A link may fill in the form. */
export function NewKeyPage() {
  const { organizationId } = route.useParams()
  const search = route.useSearch()
  const profile = useProfile()
  const now = useNow()
  const [name, setName] = useState(search.name ?? '')
  const [permissions, setPermissions] = useState<ReadonlySet<Permission>>(
    () => new Set(parsePermissions(search.permissions)),
  )
  const [expiry, setExpiry] = useState<ExpiryChoice>(search.expires ?? '30')
  const [date, setDate] = useState(search.date ?? '')
  const [others, setOthers] = useState<readonly string[]>([])
  const [isChecked, setIsChecked] = useState(false)
  const nameRef = useRef<HTMLInputElement>(null)

  const [checkedName, setCheckedName] = useState(name)
  const nameCheck = useQuery({
    ...ownApiKeyNamed(organizationId, normalizeName(checkedName)),
    enabled: isUsableName(checkedName),
  })
  const people = useQuery(members(organizationId))
  const all = useQuery(organizations)
  const allowed = useMemo(
    () => people.data && permissionsOf(people.data.find(({ userId }) => userId === profile.id)),
    [people.data, profile.id],
  )
  const expiresAt = expiryOf(expiry, date, now)
  const isTaken = isUsableName(name) && normalizeName(name) === normalizeName(checkedName) && nameCheck.data

  const creation = useMutation({
    mutationFn: (): Promise<IssuedApiKey> =>
      api.apiKeys.create(
        {
          name: normalizeName(name),
          permissions: [...permissions],
          expiresAt: expiresAt?.toISOString() ?? null,
          ...(others.length > 0 && { organizationIds: [...others] }),
        },
        { organizationId },
      ),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: apiKeysOf(organizationId) }),
    // The secret is in the state of this page, and nowhere else.
    gcTime: 0,
  })

  if (creation.data) {
    return (
      <SecretPage
        title="Your API key"
        organizationId={organizationId}
        issued={creation.data}
        onDone={() => creation.reset()}
      />
    )
  }

  // A link that filled in the form fills it in again.
  const isChanged =
    name !== (search.name ?? '') ||
    others.length > 0 ||
    [...permissions].sort().join() !== parsePermissions(search.permissions).toSorted().join()
  const isNameError = isNameTaken(creation.error)
  const problems = {
    name: problemOfName(name, isTaken === true || isNameError),
    permissions: permissions.size === 0 ? 'Choose at least one permission.' : undefined,
    expiry: expiresAt === undefined ? 'Choose a day in the future.' : undefined,
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setIsChecked(true)
    if (problems.name) nameRef.current?.focus()
    if (Object.values(problems).every((problem) => problem === undefined) && !creation.isPending) creation.mutate()
  }

  return (
    <Page
      title="Create an API key"
      isNarrow
      back={(className, icon) => (
        <Link to="/o/$organizationId/keys" params={{ organizationId }} className={className}>
          {icon}API keys
        </Link>
      )}
    >
      <form className="stack wide" onSubmit={submit} noValidate>
        <TextField
          ref={nameRef}
          label="Name"
          hint="What uses the key, such as “CI of the website”. Unique among your active keys."
          value={name}
          onValueChange={(next) => {
            setName(next)
            if (isNameError) creation.reset()
          }}
          maxLength={128}
          autoComplete="off"
          dir="auto"
          required
          onBlur={() => setCheckedName(name)}
          problem={(isChecked || isTaken) && problems.name}
        />
        <ExpiryField
          label="Expires in"
          value={expiry}
          choices={EXPIRY}
          onValueChange={setExpiry}
          hint={<ExpiryHint expiresAt={expiresAt} />}
          date={date}
          onDateChange={setDate}
          problem={isChecked && problems.expiry}
        />
        <PermissionMatrix
          value={permissions}
          allowed={allowed}
          onValueChange={setPermissions}
          administration="The key can do everything in this organization: manage its members, roles, apps and every member’s keys. Give it to a program only if it administers the organization."
          problem={isChecked && problems.permissions}
        />
        {all.data && all.data.length > 1 && (
          <MultiSelect
            label="Other organizations"
            hint={`The key can also act in these, with the same permissions, as far as you have them there. Requests then name the organization in ${ORGANIZATION_HEADER}.`}
            placeholder="Only this organization"
            options={all.data
              .filter(({ id }) => id !== organizationId)
              .map((organization) => ({ value: organization.id, label: organization.name }))}
            values={others}
            onValuesChange={setOthers}
          />
        )}
        <Summary
          organizationId={organizationId}
          request={{
            name: normalizeName(name) || 'my-key',
            permissions: [...permissions],
            expiresAt: expiresAt ?? null,
            organizationIds: others,
          }}
        />
        {creation.error && !isNameError && <ErrorNotice error={creation.error} />}
        <div className="dialog-actions">
          <Link to="/o/$organizationId/keys" params={{ organizationId }} className={buttonClass()}>
            Cancel
          </Link>
          <Button type="submit" kind="primary" isBusy={creation.isPending}>
            Create key
          </Button>
        </div>
      </form>
      <UnsavedChanges isChanged={isChanged && !creation.isPending} />
    </Page>
  )
}

const isNameTaken = (error: unknown): boolean =>
  error instanceof DaytonaAuthError && error.code === 'api_key_name_taken'
