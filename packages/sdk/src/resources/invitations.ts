import { done, given, type Http, init, type RequestOptions } from '../http.ts'
import { allItems } from '../pages.ts'
import type { Body, OrganizationInvitation, SentOrganizationInvitation } from '../schemas.ts'

const SENT = '/organizations/{organizationId}/invitations'
const SENT_ONE = `${SENT}/{invitationId}` as const
const OWN = '/organizations/invitations'
const OWN_ONE = `${OWN}/{invitationId}` as const

/** Those that an organization has sent. */
export const organizationInvitations = ({ plain }: Http) => ({
  list: (organizationId: string, options?: RequestOptions): Promise<OrganizationInvitation[]> =>
    allItems({}, (query) => plain.GET(SENT, { params: { path: { organizationId }, query }, ...init(options) })),

  create: (
    organizationId: string,
    invitation: Body<'createOrganizationInvitation'>,
    options?: RequestOptions,
  ): Promise<SentOrganizationInvitation> =>
    given(plain.POST(SENT, { params: { path: { organizationId } }, body: invitation, ...init(options) })),

  update: (
    organizationId: string,
    invitationId: string,
    invitation: Body<'updateOrganizationInvitation'>,
    options?: RequestOptions,
  ): Promise<SentOrganizationInvitation> =>
    given(
      plain.PUT(SENT_ONE, { params: { path: { organizationId, invitationId } }, body: invitation, ...init(options) }),
    ),

  cancel: (organizationId: string, invitationId: string, options?: RequestOptions): Promise<void> =>
    done(plain.POST(`${SENT_ONE}/cancel`, { params: { path: { organizationId, invitationId } }, ...init(options) })),
})

/** Those that the signed-in person has received. */
export const invitations = ({ plain }: Http) => ({
  list: (options?: RequestOptions): Promise<OrganizationInvitation[]> =>
    allItems({}, (query) => plain.GET(OWN, { params: { query }, ...init(options) })),

  count: (options?: RequestOptions): Promise<number> => given(plain.GET(`${OWN}/count`, init(options))),

  accept: (invitationId: string, options?: RequestOptions): Promise<OrganizationInvitation> =>
    given(plain.POST(`${OWN_ONE}/accept`, { params: { path: { invitationId } }, ...init(options) })),

  decline: (invitationId: string, options?: RequestOptions): Promise<void> =>
    done(plain.POST(`${OWN_ONE}/decline`, { params: { path: { invitationId } }, ...init(options) })),
})
