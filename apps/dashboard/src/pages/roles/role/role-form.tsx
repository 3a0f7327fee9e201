import { normalizeName } from '@daytona-auth/protocol/names'
import { DaytonaAuthError, type OrganizationRole, type Permission } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { saveRole } from '../../../api/roles.ts'
import { Difference, differenceOf } from '../../../permissions/difference.tsx'
import { PermissionMatrix } from '../../../permissions/permission-matrix.tsx'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { ErrorNotice } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { UnsavedChanges } from '../../../ui/unsaved-changes.tsx'
import { countPeople, type Holder } from '../holders.ts'

/** Creates or changes a role. It shows what a change adds and removes, and asks if a member loses something. */
export function RoleForm({
  role,
  organizationId,
  held,
  holders,
}: {
  /** Absent for a new one. */
  readonly role?: OrganizationRole
  readonly organizationId: string
  /** What the person holds, and may give. */
  readonly held: ReadonlySet<Permission> | undefined
  readonly holders: readonly Holder[] | undefined
}) {
  const [name, setName] = useState(role?.name ?? '')
  const [description, setDescription] = useState(role?.description ?? '')
  const [permissions, setPermissions] = useState<ReadonlySet<Permission>>(() => new Set(role?.permissions))
  const [isChecked, setIsChecked] = useState(false)
  const [isAsking, setIsAsking] = useState(false)
  const nameRef = useRef<HTMLInputElement>(null)
  const navigate = useNavigate()
  const content = {
    name: normalizeName(name),
    description: description.normalize('NFC').trim(),
    permissions: [...permissions],
  }
  const difference = differenceOf(role?.permissions ?? [], content.permissions)
  const isOther =
    content.name !== (role?.name ?? '') ||
    content.description !== (role?.description ?? '') ||
    difference.added.length + difference.removed.length > 0
  const saving = useMutation({
    mutationFn: () => saveRole(organizationId, role?.id, content),
    onSuccess: async () => {
      setIsAsking(false)
      setIsChecked(false)
      showToast(role ? 'The role is changed.' : 'The role is created.')
      if (role) return
      await navigate({ to: '/o/$organizationId/roles', params: { organizationId }, ignoreBlocker: true })
    },
    onError: () => setIsAsking(false),
  })
  const isNameTaken = saving.error instanceof DaytonaAuthError && saving.error.code === 'role_name_taken'
  const problems = {
    name: content.name === '' ? 'Enter a name.' : isNameTaken ? 'Another role has this name.' : undefined,
    permissions: permissions.size === 0 ? 'Choose at least one permission.' : undefined,
  }
  const isBusy = saving.isPending
  return (
    <form
      className="stack wide"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setIsChecked(true)
        if (problems.name) nameRef.current?.focus()
        if (problems.name || problems.permissions || isBusy) return
        if (difference.removed.length > 0 && holders?.length !== 0) setIsAsking(true)
        else saving.mutate()
      }}
    >
      <TextField
        ref={nameRef}
        label="Name"
        hint="What its members do, such as “Deployment”."
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
        value={description}
        onValueChange={setDescription}
        maxLength={1024}
        render={<textarea rows={2} />}
        dir="auto"
      />
      <PermissionMatrix
        value={permissions}
        allowed={held}
        onValueChange={setPermissions}
        administration="Its members can do everything in this organization: manage members, roles, apps and every member’s keys. Only owners can delete the organization and make owners."
        problem={isChecked && problems.permissions}
      />
      {role && (
        <Difference before={role.permissions} after={content.permissions}>
          {effectOn(holders)}
        </Difference>
      )}
      {saving.error && !isNameTaken && <ErrorNotice error={saving.error} />}
      <div className="dialog-actions">
        <Link to="/o/$organizationId/roles" params={{ organizationId }} className={buttonClass()}>
          Cancel
        </Link>
        <Button type="submit" kind="primary" isBusy={isBusy} disabled={role !== undefined && !isOther}>
          {role ? 'Save changes' : 'Create role'}
        </Button>
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title={
          <>
            Remove permissions from <bdi>{role?.name}</bdi>?
          </>
        }
        action="Save changes"
        onConfirm={() => saving.mutate()}
        isBusy={isBusy}
      >
        <p>
          {`${difference.removed.join(', ')} ${difference.removed.length === 1 ? 'is' : 'are'} removed. ${effectOn(holders)}`}
        </p>
      </ConfirmDialog>
      <UnsavedChanges isChanged={isOther} />
    </form>
  )
}

const effectOn = (holders: readonly Holder[] | undefined): string => {
  if (holders === undefined) return 'It is effective at once for everybody who has the role, and for their API keys.'
  if (holders.length === 0) return 'No member has the role yet.'
  return `It is effective at once for ${countPeople(holders.length)}, and for their API keys.`
}
