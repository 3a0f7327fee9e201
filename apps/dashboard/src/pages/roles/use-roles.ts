import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { sentInvitations } from '../../api/invitations.ts'
import { members, permissionsOf, roles } from '../../api/organizations.ts'
import { useProfile } from '../../session/use-session.ts'
import { type Holder, holdersOf } from './holders.ts'

/** Reads the roles, who has them, and what the signed-in person may do. */
export function useRoles(organizationId: string) {
  const { id } = useProfile()
  const query = useQuery(roles(organizationId))
  const people = useQuery(members(organizationId))
  const own = people.data?.find(({ userId }) => userId === id)
  const held = useMemo(() => own && permissionsOf(own), [own])
  const isAdministrator = held?.has('admin:organization') ?? false
  const invitations = useQuery({ ...sentInvitations(organizationId), enabled: isAdministrator })
  const holders = useMemo(() => {
    if (people.data === undefined) return undefined
    return (roleId: string): Holder[] => holdersOf(roleId, people.data, invitations.data ?? [])
  }, [people.data, invitations.data])
  return { query, people, invitations, held, isAdministrator, holders }
}
