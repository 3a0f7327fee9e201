import { digestOf } from '@daytona-auth/auth'
import type { Database } from '@daytona-auth/db/core'
import {
  advanceDeviceCode,
  approveDeviceCode,
  findArtifact,
  findDeviceCode,
  findRedeemable,
  putArtifact,
} from '@daytona-auth/db/grants'
import Provider, { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import * as z from 'zod'
import type { AttemptLimit } from '../../limits/attempt-limit.ts'
import { budgetOfRequest, type UnknownLookUps } from '../../limits/unknown-look-ups.ts'
import { createKeyRing } from '../keys/key-ring.ts'
import { requestContext } from '../request-context.ts'
import type { Redemption } from './redemption.ts'
import { presentSource } from './redemption-source.ts'
import { digestIn, referenceTo } from './references.ts'
import { fromArtifact, toArtifact } from './stored-payload.ts'

export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

const MODEL = 'DeviceCode'

/** The address and program that requested a device code, stored with the code. */
export const AskingDevice = z.object({ address: z.string(), userAgent: z.string() }).readonly()
export type AskingDevice = z.infer<typeof AskingDevice>

export interface DeviceCodeDependencies {
  readonly database: Database
  readonly redemption: Redemption
  readonly userCodes: UserCodes
  /** Allows one poll of a device code in each interval. */
  readonly polls: Pick<AttemptLimit, 'take'>
  readonly unknown: UnknownLookUps
}

/** Computes the stored form of user codes: an HMAC, because a plain digest of so short a code could be brute-forced. */
export interface UserCodes {
  digest(userCode: string): string
  /** The digests under every trusted key. */
  digests(userCode: string): readonly string[]
}

/** `keys` are the cookie keys: the first signs, all are trusted. */
export function createUserCodes(keys: readonly string[]): UserCodes {
  const ring = createKeyRing(keys, 'user code')
  return {
    digest: (userCode) => ring.sign(userCode).toString('base64url'),
    digests: (userCode) => ring.signWithEach(userCode).map((signature) => signature.toString('base64url')),
  }
}

/**
 * The adapter methods for device codes (RFC 8628). The device holds the code, which is stored as its digest. The
 * browser presents the user code and gets a reference instead, which the token endpoint does not accept.
 *
 * The library reads a code and writes it back whole. Here the database decides races: one browser claims a code, and
 * the first answer to it is final.
 */
export function createDeviceCodeMethods({
  database,
  redemption,
  userCodes,
  polls,
  unknown,
}: DeviceCodeDependencies): Partial<Adapter> {
  const nameOf = (digest: Uint8Array) => `${MODEL} ${Buffer.from(digest).toString('base64url')}`

  /** Finds the code for the browser that claimed it. */
  async function findReferenced(reference: string) {
    const digest = digestIn(reference)
    const found = digest && (await findArtifact(database, { model: MODEL, digest }))
    return found && fromArtifact(found, reference)
  }

  /** Finds the code for the device. @throws SlowDown if it polls too soon (RFC 8628 §3.5) */
  async function findPolled(id: string) {
    const key = { model: MODEL, digest: digestOf(id) }
    if ((await polls.take(key.digest.toString('base64url'))) !== undefined) throw new errors.SlowDown()
    const found = await unknown.find(budgetOfRequest(), nameOf(key.digest), () => findRedeemable(database, key, 0))
    if (!found) return undefined
    return presentSource(key, found, fromArtifact(found, id))
  }

  return {
    find: (id) => (Provider.ctx?.oidc.route === 'token' ? findPolled(id) : findReferenced(id)),

    async findByUserCode(userCode) {
      const found = await findDeviceCode(database, userCodes.digests(userCode))
      return found && { ...fromArtifact(found, referenceTo(found.digest)), userCode }
    },

    async upsert(id, { userCode, ...payload }) {
      const digest = digestIn(id)
      if (!digest) {
        if (userCode === undefined) throw new Error('a device code needs a user code')
        const artifact = toArtifact(MODEL, id, payload)
        unknown.note(nameOf(artifact.digest))
        return putArtifact(database, { ...artifact, userCode: userCodes.digest(userCode) })
      }
      if (!(await saveAnswer(digest, payload))) throw new errors.InvalidRequest('code was answered already')
    },

    // A denied code has no grant to redeem; it returns `access_denied` until it expires.
    async consume() {
      if (requestContext().source) await redemption.begin()
    },
  }

  function saveAnswer(digest: Buffer, payload: AdapterPayload): Promise<boolean> {
    if (payload['error'] !== undefined) {
      const { accountId: _accountId, grantId: _grantId, ...unapproved } = payload
      return advanceDeviceCode(database, { ...toArtifact(MODEL, '', unapproved), digest }, 'error')
    }
    const artifact = { ...toArtifact(MODEL, '', payload), digest }
    if (payload.accountId === undefined) return advanceDeviceCode(database, artifact, 'claim')
    const { newGrant } = requestContext()
    if (!newGrant || newGrant.id !== payload.grantId) throw new Error('an approved device code needs its own grant')
    return approveDeviceCode(database, newGrant, artifact)
  }
}
