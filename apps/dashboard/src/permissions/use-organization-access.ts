import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { members, organizations, permissionsOf } from '../api/organizations.ts'
import { useProfile } from '../session/use-session.ts'

/** Reads what the signed-in person holds in the organization, and its name. */
export function useOrganizationAccess(organizationId: string | undefined) {
  const { id } = useProfile()
  const people = useQuery({ ...members(organizationId ?? ''), enabled: organizationId !== undefined })
  const all = useQuery(organizations)
  const held = useMemo(
    () => people.data && permissionsOf(people.data.find(({ userId }) => userId === id)),
    [people.data, id],
  )
  const organizationName = all.data?.find((one) => one.id === organizationId)?.name ?? 'An organization'
  return { held, organizationName, isForbidden: held !== undefined && !held.has('admin:organization') }
}
