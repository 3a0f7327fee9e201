import { createHmac, hkdfSync } from 'node:crypto'
import {
  advanceDeviceCode,
  approveDeviceCode,
  type Database,
  findArtifact,
  findDeviceCode,
  findRedeemable,
  putArtifact,
} from '@daytona-auth/db'
import Provider, { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import * as z from 'zod'
import type { AttemptLimit } from '../../flows/sign-in/throttle.ts'
import { budgetOfRequest, type UnknownLookUps } from '../endpoints/unknown-look-ups.ts'
import { digestOf } from './digest.ts'
import type { Redemption } from './redemption.ts'
import { presentSource, requestState } from './request-state.ts'
import { fromArtifact, toArtifact } from './stored-payload.ts'

export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

const MODEL = 'DeviceCode'

/** Who asked for a device code, as far as is known; kept with the code. */
export const AskingDevice = z.object({ address: z.string(), userAgent: z.string() }).readonly()
export type AskingDevice = z.infer<typeof AskingDevice>

export interface DeviceCodeDependencies {
  readonly database: Database
  readonly redemption: Redemption
  readonly userCodes: UserCodes
  /** One poll of a device code in each interval. */
  readonly polls: Pick<AttemptLimit, 'take'>
  readonly unknown: UnknownLookUps
}

/** How user codes are stored. Too short for a plain digest, which could be tried out: a key of ours goes into it. */
export interface UserCodes {
  digest(userCode: string): string
  /** Under every key that is still believed. */
  digests(userCode: string): readonly string[]
}

/** `keys` are the cookie keys: the first is used, all are believed. */
export function userCodes(keys: readonly string[]): UserCodes {
  const derived = keys.map((key) => Buffer.from(hkdfSync('sha256', key, '', 'user code', 32)))
  const digest = (key: Buffer, userCode: string) => createHmac('sha256', key).update(userCode).digest('base64url')
  const digests = (userCode: string) => derived.map((key) => digest(key, userCode))
  return {
    digests,
    digest(userCode) {
      const [first] = digests(userCode)
      if (first === undefined) throw new Error('at least one cookie key is needed')
      return first
    },
  }
}

/**
 * Device codes (RFC 8628). The device has the code itself, so that it is stored as its digest; the browser comes with
 * the user code and is given a reference instead, which opens nothing at the token endpoint.
 *
 * The library reads a code and writes it back whole. Here the database decides who is first: one browser claims a code,
 * and one answer to it stands.
 */
export function deviceCodeMethods({
  database,
  redemption,
  userCodes,
  polls,
  unknown,
}: DeviceCodeDependencies): Partial<Adapter> {
  const nameOf = (digest: Uint8Array) => `${MODEL} ${Buffer.from(digest).toString('base64url')}`

  /** For the browser that claimed it. */
  async function findReferenced(reference: string) {
    const digest = digestIn(reference)
    const found = digest && (await findArtifact(database, { model: MODEL, digest }))
    return found && fromArtifact(found, reference)
  }

  /** For the device. @throws SlowDown when it asks again too soon (RFC 8628 §3.5) */
  async function findPolled(id: string) {
    const key = { model: MODEL, digest: digestOf(id) }
    if (polls.take(key.digest.toString('base64url')) !== undefined) throw new errors.SlowDown()
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
        if (userCode === undefined) throw new Error('a device code without user code is never to be stored')
        const artifact = toArtifact(MODEL, id, payload)
        unknown.note(nameOf(artifact.digest))
        return putArtifact(database, { ...artifact, userCode: userCodes.digest(userCode) })
      }
      if (!(await moveOn(digest, payload))) throw new errors.InvalidRequest('code was answered already')
    },

    // One that was denied has nothing to redeem; it says so until it expires.
    async consume() {
      if (requestState().source) await redemption.begin()
    },
  }

  function moveOn(digest: Buffer, payload: AdapterPayload): Promise<boolean> {
    if (payload['error'] !== undefined) {
      const { accountId: _accountId, grantId: _grantId, ...unapproved } = payload
      return advanceDeviceCode(database, { ...toArtifact(MODEL, '', unapproved), digest }, 'error')
    }
    const artifact = { ...toArtifact(MODEL, '', payload), digest }
    if (payload.accountId === undefined) return advanceDeviceCode(database, artifact, 'claim')
    const { unborn } = requestState()
    if (!unborn || unborn.id !== payload.grantId) throw new Error('a device code is approved under no grant of its own')
    return approveDeviceCode(database, unborn, artifact)
  }
}

/** No code has a colon in it. */
const REFERENCE = 'digest:'

const referenceTo = (digest: Uint8Array): string => REFERENCE + Buffer.from(digest).toString('base64url')

const digestIn = (id: string): Buffer | undefined =>
  id.startsWith(REFERENCE) ? Buffer.from(id.slice(REFERENCE.length), 'base64url') : undefined
