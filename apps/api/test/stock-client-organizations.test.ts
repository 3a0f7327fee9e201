import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import {
  Configuration,
  CreateOrganizationInvitationRoleEnum,
  CreateOrganizationRolePermissionsEnum,
  OrganizationsApi,
  UpdateOrganizationMemberAccessRoleEnum,
} from '@daytonaio/api-client'
import { world } from './world.ts'

const { api, person } = await world({ after })
const { MEMBER } = CreateOrganizationInvitationRoleEnum
const { WRITE_SANDBOXES, READ_VOLUMES } = CreateOrganizationRolePermissionsEnum

/** The required members of the client's types. The Go client refuses an object without one of them. */
const REQUIRED = {
  user: ['userId', 'organizationId', 'name', 'email', 'role', 'assignedRoles', 'createdAt', 'updatedAt'],
  role: ['id', 'name', 'description', 'permissions', 'isGlobal', 'createdAt', 'updatedAt'],
  invitation: [
    'id',
    'email',
    'invitedBy',
    'organizationId',
    'organizationName',
    'expiresAt',
    'status',
    'role',
    'assignedRoles',
    'createdAt',
    'updatedAt',
  ],
}

function whole(kind: keyof typeof REQUIRED, ...values: object[]): void {
  assert.ok(values.length > 0)
  for (const value of values) {
    assert.deepEqual(
      REQUIRED[kind].filter((name) => !(name in value) || value[name as keyof typeof value] === undefined),
      [],
    )
  }
}

for (const prefix of ['', '/api']) {
  describe(`the stock client manages organizations, pointed at our origin${prefix && ` with ${prefix}`}`, async () => {
    const ada = await person('Ada')
    const bob = await person('Bob')
    const clientOf = (accessToken: string) =>
      new OrganizationsApi(new Configuration({ basePath: api.url + prefix, accessToken }))
    const mine = clientOf((await ada.token()).value)
    const his = clientOf((await bob.token()).value)
    const { id } = (await mine.createOrganization({ name: 'Acme', defaultRegionId: 'us' })).data

    it('reads an organization, and gets the expected error for an unknown one', async () => {
      assert.equal((await mine.getOrganization(id)).data.name, 'Acme')
      const denial = await his.getOrganization(id).catch((error) => error.response)
      assert.deepEqual(denial.data, { statusCode: 404, message: 'Not Found', error: 'Organization not found' })
    })

    it('creates, lists, changes and deletes roles', async () => {
      const content = { name: 'Ops', description: 'Runs things', permissions: [WRITE_SANDBOXES, READ_VOLUMES] }
      const { data: made } = await mine.createOrganizationRole(id, content)
      const { data: changed } = await mine.updateOrganizationRole(id, made.id, {
        ...content,
        permissions: [READ_VOLUMES],
      })
      assert.deepEqual(changed.permissions, [READ_VOLUMES])
      const { data: all } = await mine.listOrganizationRoles(id)
      whole('role', made, changed, ...all)
      assert.ok(all.some((role) => role.id === made.id))
      assert.equal((await mine.deleteOrganizationRole(id, made.id)).status, 204)
    })

    it('invites, sends again, cancels, accepts, declines', async () => {
      const { data: roles } = await mine.listOrganizationRoles(id)
      const viewer = roles.find(({ name }) => name === 'Viewer')?.id ?? ''
      const access = { role: MEMBER, assignedRoleIds: [viewer] }
      const body = { email: bob.email, ...access }
      const { data: first } = await mine.createOrganizationInvitation(id, body)
      const expiresAt = new Date(Date.now() + 60_000)
      const { data: again } = await mine.updateOrganizationInvitation(id, first.id, { ...access, expiresAt })
      assert.equal(String(again.expiresAt), expiresAt.toISOString())
      whole('invitation', first, again, ...(await mine.listOrganizationInvitations(id)).data)
      assert.equal((await mine.cancelOrganizationInvitation(id, first.id)).status, 204)

      const { data: second } = await mine.createOrganizationInvitation(id, body)
      whole('invitation', ...(await his.listOrganizationInvitationsForAuthenticatedUser()).data)
      assert.equal((await his.getOrganizationInvitationsCountForAuthenticatedUser()).data, 1)
      assert.equal((await his.declineOrganizationInvitation(second.id)).status, 204)

      const { data: third } = await mine.createOrganizationInvitation(id, body)
      const { data: accepted } = await his.acceptOrganizationInvitation(third.id)
      whole('invitation', accepted)
      assert.equal(accepted.status, 'accepted')
      assert.equal((await his.getOrganizationInvitationsCountForAuthenticatedUser()).data, 0)
    })

    it('lists, changes and removes members', async () => {
      const { data: members } = await his.listOrganizationMembers(id)
      whole('user', ...members)
      whole('role', ...members.flatMap(({ assignedRoles }) => assignedRoles))
      const access = { role: UpdateOrganizationMemberAccessRoleEnum.OWNER, assignedRoleIds: [] }
      const { data: changed } = await mine.updateAccessForOrganizationMember(id, bob.userId, access)
      whole('user', changed)
      assert.equal(changed.role, 'owner')
      assert.equal((await his.deleteOrganizationMember(id, ada.userId)).status, 204)
      const denial = await his.leaveOrganization(id).catch((error) => error.response)
      assert.equal(denial.status, 409)
    })

    it('leaves and deletes', async () => {
      const access = { email: ada.email, role: MEMBER, assignedRoleIds: [] }
      const { data: invitation } = await his.createOrganizationInvitation(id, access)
      await mine.acceptOrganizationInvitation(invitation.id)
      assert.equal((await mine.leaveOrganization(id)).status, 204)
      assert.equal((await his.deleteOrganization(id)).status, 204)
      assert.ok((await his.listOrganizations()).data.every((organization) => organization.id !== id))
    })
  })
}
