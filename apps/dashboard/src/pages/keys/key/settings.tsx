import { normalizeName } from '@daytona-auth/protocol/names'
import { type ApiKey, DaytonaAuthError, type Permission, type RequestBody } from '@daytona-auth/sdk'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Lock } from 'lucide-react'
import { useMemo, useState } from 'react'
import { apiKeyById, apiKeysOf } from '../../../api/api-keys.ts'
import { api } from '../../../api/client.ts'
import { members, permissionsOf } from '../../../api/organizations.ts'
import { queryClient } from '../../../api/query-client.ts'
import { Difference } from '../../../permissions/difference.tsx'
import { PermissionMatrix } from '../../../permissions/permission-matrix.tsx'
import { Button } from '../../../ui/button.tsx'
import { type ExpiryChoice, expiryOf } from '../../../ui/expiry.ts'
import { ExpiryField, ExpiryHint } from '../../../ui/expiry-field.tsx'
import { TextField } from '../../../ui/field.tsx'
import { useNow } from '../../../ui/relative-time.tsx'
import { EmptyState, ErrorNotice } from '../../../ui/states.tsx'
import { formatAbsolute } from '../../../ui/time.ts'
import { showToast } from '../../../ui/toasts.tsx'
import { UnsavedChanges } from '../../../ui/unsaved-changes.tsx'
import { problemOfName } from '../key-name.ts'

type Expiry = 'keep' | ExpiryChoice
type Change = RequestBody<'updateApiKey'>

/** Changes name, description, permissions and expiry of one's own key. The secret stays as it is. */
export function Settings({
  apiKey,
  organizationId,
  isOwn,
}: {
  readonly apiKey: ApiKey
  readonly organizationId: string
  readonly isOwn: boolean
}) {
  if (apiKey.status !== 'active') {
    return (
      <EmptyState icon={Lock} title="An ended key cannot be changed">
        <p>Create another one, which may have the same name.</p>
      </EmptyState>
    )
  }
  if (!isOwn) {
    return (
      <EmptyState icon={Lock} title="Only its owner can change this key">
        <p>An administrator can revoke it.</p>
      </EmptyState>
    )
  }
  return <SettingsForm apiKey={apiKey} organizationId={organizationId} />
}

function SettingsForm({ apiKey, organizationId }: { readonly apiKey: ApiKey; readonly organizationId: string }) {
  const [name, setName] = useState(apiKey.name)
  const [description, setDescription] = useState(apiKey.description)
  const [permissions, setPermissions] = useState<ReadonlySet<Permission>>(() => new Set(apiKey.permissions))
  const [expiry, setExpiry] = useState<Expiry>('keep')
  const [date, setDate] = useState('')
  const [isChecked, setIsChecked] = useState(false)
  const now = useNow()
  const people = useQuery(members(organizationId))
  // What the key has may stay, even if its owner holds it no more: at each use, the lesser decides.
  const allowed = useMemo(
    () =>
      people.data &&
      new Set([...permissionsOf(people.data.find(({ userId }) => userId === apiKey.userId)), ...apiKey.permissions]),
    [people.data, apiKey],
  )
  const expiresAt = expiry === 'keep' ? undefined : expiryOf(expiry, date, now)
  const change = changeOf(apiKey, { name, description, permissions, expiresAt })
  const isChanged = Object.keys(change).length > 0 || expiry !== 'keep'
  const saving = useMutation({
    mutationFn: () => api.apiKeys.update(apiKey.name, change, { organizationId }),
    onSuccess: async (changed) => {
      queryClient.setQueryData(apiKeyById(organizationId, apiKey.id).queryKey, changed)
      setName(changed.name)
      setDescription(changed.description)
      setExpiry('keep')
      setIsChecked(false)
      showToast('The key is changed.')
      await queryClient.invalidateQueries({ queryKey: apiKeysOf(organizationId) })
    },
  })
  const isNameTaken = saving.error instanceof DaytonaAuthError && saving.error.code === 'api_key_name_taken'
  const problems = {
    name: problemOfName(name, isNameTaken),
    permissions: permissions.size === 0 ? 'Choose at least one permission.' : undefined,
    expiry: expiry !== 'keep' && expiresAt === undefined ? 'Choose a day in the future.' : undefined,
  }
  return (
    <form
      className="stack wide form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setIsChecked(true)
        if (isNameTaken) return
        if (Object.values(problems).every((problem) => problem === undefined) && !saving.isPending) saving.mutate()
      }}
    >
      <TextField
        label="Name"
        value={name}
        onValueChange={(next) => {
          setName(next)
          if (isNameTaken) saving.reset()
        }}
        maxLength={128}
        autoComplete="off"
        dir="auto"
        required
        problem={(isChecked || isNameTaken) && problems.name}
      />
      <TextField
        label="Description"
        hint="What a colleague should know, such as where the key is stored."
        value={description}
        onValueChange={setDescription}
        maxLength={1024}
        render={<textarea rows={3} />}
        dir="auto"
      />
      <ExpiryField
        label="Expires"
        value={expiry}
        choices={EXPIRY}
        onValueChange={setExpiry}
        hint={expiry === 'keep' ? presentExpiry(apiKey) : <ExpiryHint expiresAt={expiresAt} />}
        date={date}
        onDateChange={setDate}
        problem={isChecked && problems.expiry}
      />
      <PermissionMatrix
        value={permissions}
        allowed={allowed}
        onValueChange={setPermissions}
        administration="The key can do everything in this organization: manage its members, roles, apps and every member’s keys."
        problem={isChecked && problems.permissions}
      />
      <Difference before={apiKey.permissions} after={[...permissions]}>
        Requests that need what is removed are refused at once, also those of keys that were made with this key.
      </Difference>
      {saving.error && !isNameTaken && <ErrorNotice error={saving.error} />}
      <div className="dialog-actions">
        <Button type="submit" kind="primary" isBusy={saving.isPending} disabled={!isChanged}>
          Save changes
        </Button>
      </div>
      <UnsavedChanges isChanged={isChanged} />
    </form>
  )
}

const EXPIRY: readonly { readonly value: Expiry; readonly label: string }[] = [
  { value: 'keep', label: 'As now' },
  { value: '7', label: 'In 7 days' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: 'date', label: 'Date' },
  { value: 'none', label: 'Never' },
]

const presentExpiry = ({ expiresAt }: ApiKey): string =>
  expiresAt === null ? 'It does not expire.' : `It expires on ${formatAbsolute(new Date(expiresAt))}.`

/** Returns the members that differ from the key's. */
function changeOf(
  apiKey: ApiKey,
  {
    name,
    description,
    permissions,
    expiresAt,
  }: {
    readonly name: string
    readonly description: string
    readonly permissions: ReadonlySet<Permission>
    readonly expiresAt: Date | null | undefined
  },
): Change {
  const after = { name: normalizeName(name), description: description.normalize('NFC').trim() }
  const isOtherSet =
    permissions.size !== apiKey.permissions.length || apiKey.permissions.some((one) => !permissions.has(one))
  const isoExpiry = expiresAt?.toISOString() ?? null
  return {
    ...(after.name !== apiKey.name && { name: after.name }),
    ...(after.description !== apiKey.description && { description: after.description }),
    ...(isOtherSet && { permissions: [...permissions] }),
    ...(expiresAt !== undefined && isoExpiry !== apiKey.expiresAt && { expiresAt: isoExpiry }),
  }
}
