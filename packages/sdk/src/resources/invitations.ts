import { type Http, type RequestOptions, toInit, unwrap, unwrapEmpty } from '../http.ts'
import { collectPages } from '../pages.ts'
import type { Body, OrganizationInvitation, SentOrganizationInvitation } from '../schemas.ts'

const SENT = '/organizations/{organizationId}/invitations'
const SENT_ONE = `${SENT}/{invitationId}` as const
const OWN = '/organizations/invitations'
const OWN_ONE = `${OWN}/{invitationId}` as const

/** Invitations that an organization sent. */
export const organizationInvitations = ({ plain }: Http) => ({
  list: (organizationId: string, options?: RequestOptions): Promise<OrganizationInvitation[]> =>
    collectPages({}, (query) => plain.GET(SENT, { params: { path: { organizationId }, query }, ...toInit(options) })),

  create: (
    organizationId: string,
    invitation: Body<'createOrganizationInvitation'>,
    options?: RequestOptions,
  ): Promise<SentOrganizationInvitation> =>
    unwrap(plain.POST(SENT, { params: { path: { organizationId } }, body: invitation, ...toInit(options) })),

  update: (
    organizationId: string,
    invitationId: string,
    invitation: Body<'updateOrganizationInvitation'>,
    options?: RequestOptions,
  ): Promise<SentOrganizationInvitation> =>
    unwrap(
      plain.PUT(SENT_ONE, { params: { path: { organizationId, invitationId } }, body: invitation, ...toInit(options) }),
    ),

  cancel: (organizationId: string, invitationId: string, options?: RequestOptions): Promise<void> =>
    unwrapEmpty(
      plain.POST(`${SENT_ONE}/cancel`, { params: { path: { organizationId, invitationId } }, ...toInit(options) }),
    ),
})

/** Invitations that the signed-in user received. */
export const invitations = ({ plain }: Http) => ({
  list: (options?: RequestOptions): Promise<OrganizationInvitation[]> =>
    collectPages({}, (query) => plain.GET(OWN, { params: { query }, ...toInit(options) })),

  count: (options?: RequestOptions): Promise<number> => unwrap(plain.GET(`${OWN}/count`, toInit(options))),

  accept: (invitationId: string, options?: RequestOptions): Promise<OrganizationInvitation> =>
    unwrap(plain.POST(`${OWN_ONE}/accept`, { params: { path: { invitationId } }, ...toInit(options) })),

  decline: (invitationId: string, options?: RequestOptions): Promise<void> =>
    unwrapEmpty(plain.POST(`${OWN_ONE}/decline`, { params: { path: { invitationId } }, ...toInit(options) })),
})
