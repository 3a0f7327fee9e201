import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import pTimeout from 'p-timeout'
import * as z from 'zod'
import { sendDenial, unavailable } from './denial.ts'
import { isDraining } from './drain.ts'
import { errors } from './error-body.ts'

/**
 * Resolves if the dependency works, with `degraded` if only in part, and rejects otherwise. May stop early when `signal`
 * aborts.
 */
export type Check = (signal: AbortSignal) => Promise<unknown>

export interface HealthOptions {
  /** The checks that must succeed before this process receives requests, by their published name. */
  checks: Readonly<Record<string, Check>>
  /** How long a check may take before it counts as failed. */
  deadlineMs?: number
}

const NOT_READY = unavailable('not ready')

/** Health needs no credential and no organization. */
const OPEN = { access: 'public', organization: 'none' } as const

interface Results {
  /** The reasons of failed checks. */
  readonly failed: Readonly<Record<string, unknown>>
  readonly succeeded: Readonly<Record<string, 'ok' | 'degraded'>>
}

/**
 * `GET /health` answers 200 while the process runs. `GET /health/ready` answers 503 unless all checks succeed,
 * and while the process stops. The failed checks and their reasons are only logged. A degraded one is answered 200, so that what still works stays reachable.
 */
export const health: FastifyPluginAsyncZod<HealthOptions> = async (app, { checks, deadlineMs = 2000 }) => {
  let running: Promise<Results> | undefined
  // Concurrent requests share one run of the checks, so that frequent probes put no load on the database.
  const results = () => {
    running ??= runChecks(checks, deadlineMs).finally(() => {
      running = undefined
    })
    return running
  }

  app.get(
    '/health',
    {
      config: OPEN,
      logLevel: 'warn',
      schema: {
        operationId: 'getHealth',
        tags: ['System'],
        summary: 'Check that the process runs',
        response: { 200: z.object({ status: z.literal('ok') }) },
      },
    },
    (_request, reply) => {
      reply.header('cache-control', 'no-store').send({ status: 'ok' })
    },
  )

  app.get(
    '/health/ready',
    {
      config: OPEN,
      logLevel: 'warn',
      schema: {
        operationId: 'getReadiness',
        tags: ['System'],
        summary: 'Check that the process and its dependencies can serve requests',
        response: {
          200: z.object({ status: z.literal('ready'), checks: z.record(z.string(), z.enum(['ok', 'degraded'])) }),
          ...errors(503),
        },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      if (isDraining(app)) return sendDenial(reply, NOT_READY)
      const { failed, succeeded } = await results()
      for (const [check, err] of Object.entries(failed)) app.log.warn({ check, err }, 'readiness check failed')
      for (const [check, result] of Object.entries(succeeded)) {
        if (result === 'degraded') app.log.warn({ check }, 'readiness check degraded')
      }
      if (Object.keys(failed).length > 0) return sendDenial(reply, NOT_READY)
      return { status: 'ready' as const, checks: succeeded }
    },
  )
}

async function runChecks(checks: HealthOptions['checks'], deadlineMs: number): Promise<Results> {
  const failed: Record<string, unknown> = {}
  const succeeded: Record<string, 'ok' | 'degraded'> = {}
  for (const name of Object.keys(checks)) succeeded[name] = 'ok'
  await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const controller = new AbortController()
      const answer = async () => check(controller.signal)
      try {
        const result = await pTimeout(answer(), {
          milliseconds: deadlineMs,
          fallback() {
            const late = new Error(`no answer within ${deadlineMs} ms`)
            controller.abort(late)
            throw late
          },
        })
        if (result === 'degraded') succeeded[name] = result
      } catch (error) {
        failed[name] = error
      }
    }),
  )
  return { failed, succeeded }
}
