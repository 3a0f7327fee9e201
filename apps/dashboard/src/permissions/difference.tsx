import type { Permission } from '@daytona-auth/sdk'
import { PERMISSIONS } from '@daytona-auth/sdk'
import type { ReactNode } from 'react'
import { Chip } from '../ui/chip.tsx'

/** Returns what a change of permissions adds and removes. `admin:organization` includes every other one. */
export function differenceOf(
  before: readonly Permission[],
  after: readonly Permission[],
): { readonly added: Permission[]; readonly removed: Permission[] } {
  const [had, has] = [effective(before), effective(after)]
  return {
    added: PERMISSIONS.filter((name) => has.has(name) && !had.has(name)),
    removed: PERMISSIONS.filter((name) => had.has(name) && !has.has(name)),
  }
}

/** Shows what saving would add and remove, and `children`, what that means. Nothing if nothing changes. */
export function Difference({
  before,
  after,
  children,
}: {
  readonly before: readonly Permission[]
  readonly after: readonly Permission[]
  readonly children?: ReactNode
}) {
  const { added, removed } = differenceOf(before, after)
  if (added.length + removed.length === 0) return null
  return (
    <section className="card padded stack" aria-label="What changes">
      <h2>What changes</h2>
      <List label="Adds" tone="good" names={added} />
      <List label="Removes" tone="bad" names={removed} />
      {children && <p className="hint">{children}</p>}
    </section>
  )
}

const List = ({
  label,
  tone,
  names,
}: {
  readonly label: string
  readonly tone: 'good' | 'bad'
  readonly names: readonly Permission[]
}) =>
  names.length > 0 && (
    <div className="row">
      <span>{label}</span>
      <ul className="chips">
        {names.map((name) => (
          <li key={name}>
            <Chip tone={tone}>{name}</Chip>
          </li>
        ))}
      </ul>
    </div>
  )

const effective = (permissions: readonly Permission[]): ReadonlySet<Permission> =>
  new Set(permissions.includes('admin:organization') ? PERMISSIONS : permissions)
