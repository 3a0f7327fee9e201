import { setTimeout as delay } from 'node:timers/promises'
import { type Finding, openRedis } from '@daytona-auth/service'
import type { ReadConfig } from './read-config.ts'

const ANSWER_MS = 3000
const POLL_MS = 20

/** Checks whether limits can be shared over Redis. */
export async function examineRedis({ REDIS_URL }: ReadConfig): Promise<Finding[]> {
  const check = 'Redis'
  if (REDIS_URL === undefined) {
    return [{ check, severity: 'ok', what: 'REDIS_URL is not set: each process counts its limits alone' }]
  }
  let failure: unknown
  const redis = openRedis({
    url: REDIS_URL,
    logger: {
      info() {},
      warn: ({ err }: { err?: unknown }) => {
        failure = err
      },
    },
  })
  try {
    const deadline = performance.now() + ANSWER_MS
    while (!redis.isUp() && failure === undefined && performance.now() < deadline) await delay(POLL_MS)
    if (redis.isUp()) return [{ check, severity: 'ok', what: 'the Redis of REDIS_URL answers and can be written' }]
    return [
      {
        check,
        severity: 'warning',
        what: `the Redis of REDIS_URL is unavailable${reasonOf(failure)}: each process counts alone`,
        remedy: 'check that it runs, is a primary and lets this user write keys that begin with daytona-auth:',
      },
    ]
  } finally {
    await redis.close()
  }
}

/** `NOAUTH`, `READONLY`, `ECONNREFUSED`: the code of the error, which contains no secret. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const code = 'code' in error ? String(error.code) : /^[A-Z]{4,}\b/.exec(error.message)?.[0]
  return code === undefined ? '' : ` (${code})`
}
