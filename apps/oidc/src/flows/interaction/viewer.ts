import type { UserId } from '@daytona-auth/db'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'

/** The account and the browser session that a page is for. Without an account, no session counts. */
export type Viewer = { readonly userId: UserId; readonly sessionUid: string } | undefined

/** Reads the live session of the browser, by its cookie and nothing else. */
export async function readViewer(provider: Provider, request: FastifyRequest, reply: FastifyReply): Promise<Viewer> {
  // All that the library reads of it here: the cookies, and whether they are secure.
  const ctx = provider.createContext(request.raw, reply.raw) as unknown as KoaContextWithOIDC
  const { accountId, uid } = await provider.Session.get(ctx)
  return accountId === undefined ? undefined : { userId: accountId as UserId, sessionUid: uid } // from our own sign-in
}
