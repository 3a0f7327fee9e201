import { type CallerFacts, type Refusal, refuse, sendRefusal } from '@daytona-auth/service'
import type {
  FastifyContextConfig,
  FastifyReply,
  FastifyRequest,
  preValidationHookHandler,
  RouteOptions,
} from 'fastify'
import fp from 'fastify-plugin'
import { bearerOf, misplacedIn } from '../credential/credential.ts'
import { type RateLimiter, secondsLeft } from '../limits/rate-limiter.ts'
import { boundWrites, holdSlot, isManagementWrite, writeSlots } from '../limits/write-slots.ts'
import type { Permission } from '../principal/permission.ts'
import type { KnownKey, OrganizationAccess, Principal } from '../principal/principal.ts'
import { type Answer, isRefused, type Refused, refused } from '../principal/result.ts'
import type { Verifier } from '../verification/verifier.ts'
import { callerFacts } from './caller-facts.ts'
import { type Challenge, challenges, misplaced, rateLimited, TOO_MANY_WRITES } from './challenge.ts'
import { ORGANIZATION, refusalOf, requiredScope } from './guard.ts'
import { declared } from './route-declarations.ts'

/** What a route asks of its caller: nothing, to be known, to be a person in our dashboard or CLI, or to hold a permission. */
export type Access = 'public' | 'authenticated' | 'person' | Permission

/** Where a route finds the organization that it is about. */
export type OrganizationSource = 'header' | 'path' | 'none'

/** The members of a query by name, each with the most values and the most UTF-16 code units of a value. */
export type QueryMembers = Readonly<Record<string, { readonly maxValues: number; readonly maxLength: number }>>

const PRINCIPAL = Symbol('principal')

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    organization?: OrganizationSource
    /** It changes what the organization runs: refused while the organization is suspended. */
    resourceWrite?: boolean
    /** What the request itself asks its caller to hold besides, in its organization. What is no permission, nobody holds. */
    requiredPermissions?: (request: FastifyRequest) => readonly string[]
    /**
     * The members that its query may have; any other one, and more or longer values, are refused with 401. Absent: the
     * route's schema decides.
     */
    queryMembers?: QueryMembers
    /**
     * It changes keys, apps, people or organizations: bounded for each credential, and closed to superseded secrets. Set for
     * every route whose method writes, unless it is public, a resource write, or says `false`.
     */
    managementWrite?: boolean
    /** What is sent in place of a refusal, where the caller could make nothing of it. */
    rewordRefusal?: (refusal: Refusal, request: FastifyRequest) => Refusal
  }
  interface FastifyInstance {
    /** The wall clock in milliseconds that credentials expire by. */
    authenticationClock: () => number
    /** The answer to a credential that was refused. */
    challenge: Challenge
  }
  interface FastifyRequest {
    /** Who asks. Throws on a `public` route: there is nobody to speak of. */
    readonly principal: Principal
    /** Where, and what the caller may do there. Throws on a route without an organization. */
    readonly organization: OrganizationAccess
    /** Whether the caller may still call this route. For responses that take long: call it at least every second. */
    mayContinue(): Promise<boolean>
    [PRINCIPAL]: Principal | null
    [ORGANIZATION]: OrganizationAccess | null
  }
}

/**
 * Told of every decision about a known key, on the request path: it may count, and nothing else. The organization is the
 * one that the request meant, or the key's home.
 */
export type OnDecision = (
  key: KnownKey,
  organizationId: OrganizationAccess['organizationId'],
  verdict: 'allowed' | 'denied',
  address: string,
  /** When it was decided, in milliseconds since the epoch. */
  instant: number,
) => void

/**
 * Told why a known key was refused, on the request path: it may take note, and nothing else. The organization is as for
 * `OnDecision`.
 */
export type OnRefusal = (
  key: KnownKey,
  organizationId: OrganizationAccess['organizationId'],
  refusal: Pick<Refusal, 'statusCode' | 'message' | 'cause'>,
  request: FastifyRequest,
) => void

export interface AuthenticationOptions {
  readonly verifier: Pick<Verifier, 'verify' | 'reverify'>
  /** Absolute URL of the RFC 9728 document of this resource server. */
  readonly resourceMetadataUrl: string
  readonly onDecision?: OnDecision
  readonly onRefusal?: OnRefusal
  /** Counts the requests of each credential; without it there is no limit. */
  readonly rateLimiter?: RateLimiter
  /** Management writes that one credential may have under way at once; without it there is no limit. */
  readonly concurrentWrites?: number | undefined
  /** Wall clock in milliseconds. */
  readonly now?: () => number
}

/** Who was refused, for the log: whom the guard does not let through is nobody's `request.principal`. */
const refusedCallers = new WeakMap<FastifyRequest, Principal | KnownKey>()

/** Who asked and in which organization, as far as the guard came to know: also of a request that it refused. */
export function callerFactsOf(request: FastifyRequest): CallerFacts | undefined {
  const caller = request[PRINCIPAL] ?? refusedCallers.get(request)
  return caller && callerFacts(caller, request[ORGANIZATION]?.organizationId)
}

const NO_CREDENTIAL = refused('none', 'missing')

/**
 * Lets a request through to its handler if its route says that the caller may: `config: { access, organization }`.
 *
 * A route that does not say who may call it does not boot. Register the plugin before the routes that it guards.
 */
export const authentication = fp<AuthenticationOptions>(
  async (
    app,
    {
      verifier,
      resourceMetadataUrl,
      onDecision = () => {},
      onRefusal = () => {},
      rateLimiter,
      concurrentWrites = Number.POSITIVE_INFINITY,
      now = Date.now,
    },
  ) => {
    const challenge = challenges(resourceMetadataUrl)
    const slots = writeSlots(concurrentWrites)
    app.decorate('authenticationClock', now)
    app.decorate('challenge', challenge)

    app.decorateRequest(PRINCIPAL, null)
    app.decorateRequest(ORGANIZATION, null)
    // Getters without a setter: nobody downstream becomes somebody else.
    app.decorateRequest('principal', {
      getter(this: FastifyRequest) {
        return this[PRINCIPAL] ?? nobody(this, 'principal')
      },
    })
    app.decorateRequest('organization', {
      getter(this: FastifyRequest) {
        return this[ORGANIZATION] ?? nobody(this, 'organization')
      },
    })

    app.decorateRequest('mayContinue', async function mayContinue(this: FastifyRequest) {
      const earlier = this[PRINCIPAL] ?? nobody(this, 'principal')
      const answer = await verifier.reverify(bearerOf(this.raw) ?? '', earlier, this.ip)
      return !isRefused(answer) && !refusalOf(this, this.routeOptions.config, answer, now(), { [ORGANIZATION]: null })
    })

    app.addHook('onRoute', (route) => {
      declared(route)
      if (isManagementWrite(route)) boundWrites(route)
    })

    app.addHook('onRequest', (request, reply, done) => {
      const { config } = request.routeOptions
      const { access } = config
      if (access === 'public' || request.is404) return done()
      if (access === undefined) throw new Error(`${request.method} ${config.url} was registered before its guard`)

      const credential = bearerOf(request.raw)
      if (credential === undefined) return deny(request, reply, config, NO_CREDENTIAL)
      const answer = verifier.verify(credential, request.ip)
      // Warm, nothing is awaited.
      if (!(answer instanceof Promise)) return decide(request, reply, config, answer, done)
      answer.then((late) => decide(request, reply, config, late, done)).catch(done)
    })

    // After the body has been read, and before anything else looks at it. A hook of the routes that may have a body: calling
    // it on all costs as much as choosing the organization.
    const judgeAgain: preValidationHookHandler = (request, reply, done) => {
      const earlier = request[PRINCIPAL]
      if (earlier === null) return done()
      const name = misplacedIn(request.body)
      if (name !== undefined) {
        refuse(reply, misplaced(name, 'body'))
        return
      }
      const answer = verifier.reverify(bearerOf(request.raw) ?? '', earlier, request.ip)
      if (answer === earlier) return done()
      Promise.resolve(answer)
        .then((late) => decideAgain(request, reply, late, done))
        .catch(done)
    }
    app.addHook('onRoute', (route) => {
      if (!hasNoBody(route)) route.preValidation = [judgeAgain, ...[route.preValidation ?? []].flat()]
    })

    /** The credential ended or changed while the body was read: it is judged as if the request began now. */
    function decideAgain(request: FastifyRequest, reply: FastifyReply, answer: Answer, done: () => void): void {
      const { config } = request.routeOptions
      if (isRefused(answer)) {
        deny(request, reply, config, answer)
        return
      }
      const refusal = refusalOf(request, config, answer, now(), request)
      if (refusal) {
        refuse(reply, worded(request, config, refusal))
        return
      }
      request[PRINCIPAL] = answer
      done()
    }

    /** Takes the request's slot for a management write. It is released when response and handler have both ended. */
    function overWrites(request: FastifyRequest, reply: FastifyReply, principal: Principal): Refusal | undefined {
      if (concurrentWrites === Number.POSITIVE_INFINITY) return undefined
      const id = principal.kind === 'api-key' ? principal.keyId : principal.grantId
      if (!slots.take(id)) return TOO_MANY_WRITES
      holdSlot(request, reply, () => slots.release(id))
      return undefined
    }

    function decide(
      request: FastifyRequest,
      reply: FastifyReply,
      config: FastifyContextConfig,
      answer: Answer,
      done: () => void,
    ): void {
      if (isRefused(answer)) {
        if (answer.key) {
          refusedCallers.set(request, answer.key)
          onDecision(answer.key, answer.key.homeOrganizationId, 'denied', request.ip, now())
          onRefusal(answer.key, answer.key.homeOrganizationId, challenge(answer), request)
        }
        deny(request, reply, config, answer)
        return
      }
      // Read once: for the limit, the organization's suspension and the count.
      const instant = now()
      if (rateLimiter !== undefined) {
        const refusal = overLimit(reply, rateLimiter, answer, instant)
        if (refusal !== undefined) {
          refusedCallers.set(request, answer)
          if (answer.kind === 'api-key') {
            onDecision(answer, answer.homeOrganizationId, 'denied', request.ip, instant)
            onRefusal(answer, answer.homeOrganizationId, refusal, request)
          }
          // As for what is malformed: a flood writes one line.
          sendRefusal(reply, worded(request, config, refusal))
          return
        }
      }
      let refusal = refusalOf(request, config, answer, instant, request)
      // By the configuration at hand: `request.routeOptions` makes an object each time that it is read.
      if (refusal === undefined && config.managementWrite) refusal = overWrites(request, reply, answer)
      if (answer.kind === 'api-key') {
        const organizationId = request[ORGANIZATION]?.organizationId ?? answer.homeOrganizationId
        onDecision(answer, organizationId, refusal ? 'denied' : 'allowed', request.ip, instant)
        if (refusal) onRefusal(answer, organizationId, refusal, request)
      }
      if (refusal) {
        refusedCallers.set(request, answer)
        refuse(reply, worded(request, config, refusal))
      } else {
        request[PRINCIPAL] = answer
        done()
      }
    }

    /** What is missing or malformed has said all there is to say by the request's own line in the log: a flood writes one. */
    function deny(request: FastifyRequest, reply: FastifyReply, config: FastifyContextConfig, answer: Refused): void {
      const refusal = worded(request, config, challenge(answer, requiredScope(request, config)))
      if (answer.reason === 'missing' || answer.reason === 'malformed') sendRefusal(reply, refusal)
      else refuse(reply, refusal)
    }
  },
  { name: 'authentication', dependencies: ['error-handling'], fastify: '5.x' },
)

/** Tells the caller how its limit stands, and refuses what is beyond it. Refused requests count: asking in vain costs, too. */
function overLimit(
  reply: FastifyReply,
  limiter: RateLimiter,
  principal: Principal,
  instant: number,
): Refusal | undefined {
  const remaining = limiter.take(principal.kind === 'api-key' ? principal.keyId : principal.grantId, instant)
  const reset = secondsLeft(instant)
  reply.header('x-ratelimit-limit', limiter.limit)
  reply.header('x-ratelimit-remaining', Math.max(0, remaining))
  reply.header('x-ratelimit-reset', reset)
  return remaining < 0 ? rateLimited(reset) : undefined
}

/** Fastify reads no body of a GET or a HEAD. */
const hasNoBody = ({ method }: RouteOptions): boolean => [method].flat().every((one) => one === 'GET' || one === 'HEAD')

const worded = (request: FastifyRequest, { rewordRefusal }: FastifyContextConfig, refusal: Refusal): Refusal =>
  rewordRefusal ? rewordRefusal(refusal, request) : refusal

function nobody(request: FastifyRequest, what: string): never {
  throw new Error(`${request.method} ${request.routeOptions.url} has no ${what}`)
}
