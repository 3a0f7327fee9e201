import type { UserId } from '@daytona-auth/db/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'

/** The account and the browser session of a page. Undefined if the session has no account. */
export type Viewer =
  | {
      readonly userId: UserId
      readonly sessionUid: string
      /** How the user signed in; undefined for a session of an earlier release. */
      readonly acr?: string | undefined
    }
  | undefined

/** Reads the browser's live session, by its cookie only. */
export async function readViewer(provider: Provider, request: FastifyRequest, reply: FastifyReply): Promise<Viewer> {
  // The library reads only the cookies from it here, and whether they are secure.
  const ctx = provider.createContext(request.raw, reply.raw) as unknown as KoaContextWithOIDC
  const { accountId, uid, acr } = await provider.Session.get(ctx)
  return accountId === undefined ? undefined : { userId: accountId as UserId, sessionUid: uid, acr } // from our own sign-in
}
