import './permission-matrix.css'
import { ADMINISTRATION } from '@daytona-auth/protocol/scopes'
import { PERMISSIONS, type Permission } from '@daytona-auth/sdk'
import { Button } from '../ui/button.tsx'
import { Checkbox } from '../ui/checkbox.tsx'
import { Notice } from '../ui/states.tsx'
import { ACCESS, RESOURCES } from './permissions.ts'

const ALL = PERMISSIONS.filter((permission) => permission !== ADMINISTRATION)
const READ_ALL = RESOURCES.flatMap(({ permissions }) => permissions.read ?? [])

const PRESETS: readonly { readonly label: string; readonly permissions: readonly Permission[] }[] = [
  { label: 'Run sandboxes', permissions: ['read:sandboxes', 'write:sandboxes', 'read:snapshots'] },
  { label: 'Read everything', permissions: READ_ALL },
  { label: 'All resources', permissions: ALL },
  { label: 'Clear', permissions: [] },
]

/** Chooses permissions by resource, with administration apart. What `allowed` does not have is disabled with the reason. */
export function PermissionMatrix({
  value,
  allowed,
  onValueChange,
  administration,
  problem,
}: {
  readonly value: ReadonlySet<Permission>
  /** What the person holds. Undefined while it is read: everything can be chosen, and the API decides. */
  readonly allowed: ReadonlySet<Permission> | undefined
  readonly onValueChange: (value: ReadonlySet<Permission>) => void
  /** The consequence of full administration for what is created. */
  readonly administration: string
  readonly problem?: string | false | undefined
}) {
  const holds = (permission: Permission): boolean => allowed?.has(permission) ?? true
  const toggle = (permission: Permission, isChosen: boolean): void => {
    const next = new Set(value)
    if (isChosen) next.add(permission)
    else next.delete(permission)
    onValueChange(next)
  }
  const isAdministration = value.has(ADMINISTRATION)
  const lacking = PERMISSIONS.filter((permission) => !holds(permission))
  return (
    <fieldset className="fieldset">
      <legend className="field-label">Permissions</legend>
      <div className="row">
        {PRESETS.map(({ label, permissions }) => (
          <Button key={label} onClick={() => onValueChange(new Set(permissions.filter(holds)))}>
            {label}
          </Button>
        ))}
      </div>
      <div className="card">
        <table className="matrix" aria-label="Permissions by resource">
          <thead>
            <tr>
              <th scope="col">Resource</th>
              {ACCESS.map(({ label }) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {RESOURCES.map((resource) => (
              <tr key={resource.name}>
                <th scope="row">{resource.label}</th>
                {ACCESS.map(({ prefix, label }) => {
                  const permission = resource.permissions[prefix]
                  if (permission === undefined) return <td key={prefix} />
                  return (
                    <td key={prefix}>
                      <Checkbox
                        checked={isAdministration || value.has(permission)}
                        disabled={isAdministration || !holds(permission)}
                        onCheckedChange={(isChosen) => toggle(permission, isChosen)}
                      >
                        <span className="visually-hidden">{`${label} ${resource.label.toLowerCase()}`}</span>
                        <span aria-hidden="true">{label}</span>
                      </Checkbox>
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Checkbox
        checked={isAdministration}
        disabled={!holds(ADMINISTRATION)}
        onCheckedChange={(isChosen) => toggle(ADMINISTRATION, isChosen)}
      >
        Full administration
      </Checkbox>
      {isAdministration && <Notice tone="warn">{administration}</Notice>}
      {lacking.length > 0 && (
        <p className="hint">
          You do not have {lacking.join(', ')} in this organization, so you cannot give{' '}
          {lacking.length === 1 ? 'it' : 'them'}. An owner can assign you a role that has{' '}
          {lacking.length === 1 ? 'it' : 'them'}.
        </p>
      )}
      {problem && (
        <p className="wrong" role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  )
}
