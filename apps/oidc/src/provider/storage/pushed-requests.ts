import { digestOf } from '@daytona-auth/auth'
import type { Database } from '@daytona-auth/db/core'
import { type ArtifactKey, consumeOnce, findArtifact, putArtifact } from '@daytona-auth/db/grants'
import Provider, { type Adapter, errors } from 'oidc-provider'
import type { UnknownLookUps } from '../../limits/unknown-look-ups.ts'
import { requestContext } from '../request-context.ts'
import { digestIn } from './references.ts'
import { fromArtifact, toArtifact } from './stored-payload.ts'

export interface PushedRequestDependencies {
  readonly database: Database
  readonly unknown: UnknownLookUps
}

const MODEL = 'PushedAuthorizationRequest'

/**
 * The adapter methods for pushed authorization requests (RFC 9126). A request may be opened again until it is answered, as
 * when the user reloads the page. It is answered with a code once: the database decides which of several browsers gets it.
 */
export function createPushedRequestMethods({ database, unknown }: PushedRequestDependencies): Partial<Adapter> {
  const nameOf = (digest: Uint8Array) => `${MODEL} ${Buffer.from(digest).toString('base64url')}`
  const keyOf = (id: string): ArtifactKey => ({ model: MODEL, digest: referencedIn(id) ?? digestOf(id) })

  return {
    async find(id) {
      const key = keyOf(id)
      // A browser sends it: the client that it names has not authenticated.
      const budget = { address: Provider.ctx?.ip ?? '' }
      const found = await unknown.find(budget, nameOf(key.digest), () => findArtifact(database, key))
      return found && fromArtifact(found, id)
    },
    async upsert(id, payload) {
      const artifact = toArtifact(MODEL, id, payload)
      unknown.note(nameOf(artifact.digest))
      await putArtifact(database, artifact)
    },
    async consume(id) {
      if (!(await consumeOnce(database, keyOf(id)))) throw new errors.InvalidRequestUri('request_uri was already used')
      requestContext().hasUsedPushedRequest = true
    },
  }
}

/** Interactions contain a reference to their pushed request. A browser cannot send one as `request_uri`. */
const referencedIn = (id: string): Buffer | undefined =>
  Provider.ctx?.oidc.route === 'resume' ? digestIn(id) : undefined
