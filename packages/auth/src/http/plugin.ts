import { presentedProof } from '@daytona-auth/protocol/token-proof'
import { type CallerFacts, type Denial, deny, sendDenial } from '@daytona-auth/service'
import type {
  FastifyContextConfig,
  FastifyReply,
  FastifyRequest,
  preValidationHookHandler,
  RouteOptions,
} from 'fastify'
import fp from 'fastify-plugin'
import { bearerOf, boundTokenOf, credentialOf, misplacedIn } from '../credential/credential.ts'
import { FORM_FAULTS, type FormFault, findAbsenceFault } from '../credential/form-faults.ts'
import type { RateLimiter } from '../limits/rate-limiter.ts'
import { boundWrites, holdSlot, isManagementWrite, writeSlots } from '../limits/write-slots.ts'
import { credentialIdOf, type KnownKey, type OrganizationAccess, type Principal } from '../principal/principal.ts'
import { type Answer, type CredentialDenial, denyCredential, isDenied } from '../principal/result.ts'
import type { Verifier } from '../verification/verifier.ts'
import { callerFacts } from './caller-facts.ts'
import { type Challenge, challenges, misplaced, rateLimited, TOO_MANY_WRITES } from './challenge.ts'
import { denialOf, ORGANIZATION, requiredScope, type SelectedOrganization } from './guard.ts'
import { takeFromLimit } from './rate-limit-headers.ts'
import { checkRouteDeclaration } from './route-declarations.ts'
import { type StepUpChallenge, stepUpChallenges } from './step-up.ts'

const PRINCIPAL = Symbol('principal')

declare module 'fastify' {
  interface FastifyInstance {
    /** The wall clock in milliseconds that expiry is compared with. */
    authenticationClock: () => number
    /** Makes the response to a refused credential. */
    challenge: Challenge
    /** Makes the response to a token whose sign-in does not suffice. */
    stepUpChallenge: StepUpChallenge
  }
  interface FastifyRequest {
    /** The verified caller. Throws on a `public` route, which has none. */
    readonly principal: Principal
    /** The organization of the request and the caller's permissions in it. Throws on a route without an organization. */
    readonly organization: OrganizationAccess
    /**
     * Whether the caller may still call this route. Long responses call it at least every second. `isEnough` checks what they
     * have in the organization besides.
     */
    mayContinue(isEnough?: (organization: OrganizationAccess) => boolean): Promise<boolean>
    [PRINCIPAL]: Principal | null
    [ORGANIZATION]: OrganizationAccess | null
  }
}

/**
 * Receives every decision about a known key. Runs on the request path: it may only count. The organization is that of the
 * request, or the key's home organization.
 */
export type OnDecision = (
  key: KnownKey,
  organizationId: OrganizationAccess['organizationId'],
  verdict: 'allowed' | 'denied',
  address: string,
  /** When it was decided, in milliseconds since the epoch. */
  instant: number,
  /** The route of the request. The object exists once for each route. */
  route: DecidedRoute,
) => void

type RouteConfig = FastifyRequest['routeOptions']['config']

/** The pattern of a route, without text of the request. */
export type DecidedRoute = Readonly<Pick<RouteConfig, 'method' | 'url'>>

/**
 * Receives the reason for which a known key was refused. Runs on the request path: it may only record it. The
 * organization is as for `OnDecision`.
 */
export type OnDenial = (
  key: KnownKey,
  organizationId: OrganizationAccess['organizationId'],
  denial: Pick<Denial, 'statusCode' | 'message' | 'cause'>,
  request: FastifyRequest,
) => void

export interface AuthenticationOptions {
  readonly verifier: Pick<Verifier, 'verify' | 'verifyBound' | 'reverify'>
  /** Absolute URL of the RFC 9728 document of this resource server. */
  readonly resourceMetadataUrl: string
  readonly onDecision?: OnDecision
  readonly onDenial?: OnDenial
  /** Counts the requests of each credential; without it there is no limit. */
  readonly rateLimiter?: RateLimiter
  /** Management writes that one credential may have under way at once; without it there is no limit. */
  readonly concurrentWrites?: number | undefined
  /** Wall clock in milliseconds. */
  readonly now?: () => number
}

/** Refused callers, for the request log: `request.principal` is set for allowed requests only. */
const deniedCallers = new WeakMap<FastifyRequest, Principal | KnownKey>()

/** Returns the caller and the organization of a request as far as the guard resolved them, refused requests included. */
export function callerFactsOf(request: FastifyRequest): CallerFacts | undefined {
  const caller = request[PRINCIPAL] ?? deniedCallers.get(request)
  return caller && callerFacts(caller, request[ORGANIZATION]?.organizationId)
}

/** The answers to requests without a bearer credential, by the reason. */
const ABSENT = new Map(
  (Object.keys(FORM_FAULTS) as FormFault[]) // the keys of a const object
    .map((fault) => [fault, denyCredential('none', 'missing', { fault })]),
)

const absent = (request: FastifyRequest): CredentialDenial =>
  ABSENT.get(findAbsenceFault(request.raw, request.query)) as CredentialDenial // it has all faults

/**
 * Guards every route by its `config: { access, organization }`: a request reaches its handler only if the caller has access.
 *
 * A route without `access` stops the boot. Register the plugin before the routes that it guards.
 */
export const authentication = fp<AuthenticationOptions>(
  async (
    app,
    {
      verifier,
      resourceMetadataUrl,
      onDecision = () => {},
      onDenial = () => {},
      rateLimiter,
      concurrentWrites = Number.POSITIVE_INFINITY,
      now = Date.now,
    },
  ) => {
    const challenge = challenges(resourceMetadataUrl)
    const publicOrigin = new URL(resourceMetadataUrl).origin
    const slots = writeSlots(concurrentWrites)
    app.decorate('authenticationClock', now)
    app.decorate('challenge', challenge)
    app.decorate('stepUpChallenge', stepUpChallenges(resourceMetadataUrl))

    app.decorateRequest(PRINCIPAL, null)
    app.decorateRequest(ORGANIZATION, null)
    // Getters without a setter: no handler can replace the caller.
    app.decorateRequest('principal', {
      getter(this: FastifyRequest) {
        return this[PRINCIPAL] ?? throwMissing(this, 'principal')
      },
    })
    app.decorateRequest('organization', {
      getter(this: FastifyRequest) {
        return this[ORGANIZATION] ?? throwMissing(this, 'organization')
      },
    })

    app.decorateRequest(
      'mayContinue',
      async function mayContinue(this: FastifyRequest, isEnough?: (organization: OrganizationAccess) => boolean) {
        const earlier = this[PRINCIPAL] ?? throwMissing(this, 'principal')
        const answer = await verifier.reverify(credentialOf(this.raw) ?? '', earlier, this.ip)
        const target: SelectedOrganization = { [ORGANIZATION]: null }
        if (isDenied(answer) || denialOf(this, this.routeOptions.config, answer, now(), target)) return false
        const organization = target[ORGANIZATION]
        return isEnough === undefined || (organization !== null && isEnough(organization))
      },
    )

    app.addHook('onRoute', (route) => {
      checkRouteDeclaration(route)
      if (isManagementWrite(route)) boundWrites(route)
    })

    app.addHook('onRequest', (request, reply, done) => {
      const { config } = request.routeOptions
      const { access } = config
      if (access === 'public' || request.is404) return done()
      if (access === undefined) throw new Error(`${request.method} ${config.url} was registered before its guard`)

      const credential = bearerOf(request.raw)
      const answer = credential === undefined ? verifyBound(request) : verifier.verify(credential, request.ip)
      // A cached answer is synchronous: the warm path awaits nothing.
      if (!(answer instanceof Promise)) return authorize(request, reply, config, answer, done)
      answer.then((late) => authorize(request, reply, config, late, done)).catch(done)
    })

    /** Verifies the token that was sent with a proof. A request without any credential is refused. */
    function verifyBound(request: FastifyRequest): Answer | Promise<Answer> {
      const token = boundTokenOf(request.raw)
      if (token === undefined) return absent(request)
      const path = URL.parse(request.originalUrl, resourceMetadataUrl)?.pathname ?? '/'
      return verifier.verifyBound(token, presentedProof(request, publicOrigin + path), request.ip)
    }

    // Runs after the body was read and before anything uses it. Only routes that may have a body get this hook: on all
    // routes it would cost as much as selecting the organization.
    const reverifyAfterBody: preValidationHookHandler = (request, reply, done) => {
      const earlier = request[PRINCIPAL]
      if (earlier === null) return done()
      const name = misplacedIn(request.body)
      if (name !== undefined) {
        deny(reply, misplaced(name, 'body'))
        return
      }
      const answer = verifier.reverify(credentialOf(request.raw) ?? '', earlier, request.ip)
      if (answer === earlier) return done()
      Promise.resolve(answer)
        .then((late) => reauthorize(request, reply, late, done))
        .catch(done)
    }
    app.addHook('onRoute', (route) => {
      if (!hasNoBody(route)) route.preValidation = [reverifyAfterBody, ...[route.preValidation ?? []].flat()]
    })

    /** Authorizes the request again after its credential ended or changed while the body was read. */
    function reauthorize(request: FastifyRequest, reply: FastifyReply, answer: Answer, done: () => void): void {
      const { config } = request.routeOptions
      if (isDenied(answer)) {
        denyRequest(request, reply, config, answer)
        return
      }
      const denial = denialOf(request, config, answer, now(), request)
      if (denial) {
        deny(reply, reword(request, config, denial))
        return
      }
      request[PRINCIPAL] = answer
      done()
    }

    /** Takes a slot for a management write, or returns the denial. Released when response and handler have both ended. */
    function takeWriteSlot(request: FastifyRequest, reply: FastifyReply, principal: Principal): Denial | undefined {
      if (concurrentWrites === Number.POSITIVE_INFINITY) return undefined
      const id = credentialIdOf(principal)
      if (!slots.take(id)) return TOO_MANY_WRITES
      holdSlot(request, reply, () => slots.release(id))
      return undefined
    }

    function authorize(
      request: FastifyRequest,
      reply: FastifyReply,
      config: RouteConfig,
      answer: Answer,
      done: () => void,
    ): void {
      if (isDenied(answer)) {
        if (answer.key) {
          deniedCallers.set(request, answer.key)
          onDecision(answer.key, answer.key.homeOrganizationId, 'denied', request.ip, now(), config)
          onDenial(answer.key, answer.key.homeOrganizationId, challenge(answer), request)
        }
        denyRequest(request, reply, config, answer)
        return
      }
      // Read once for the limit, the suspension and the count.
      const instant = now()
      if (rateLimiter !== undefined) {
        // Refused requests count too.
        const retryAfterSeconds = takeFromLimit(reply, rateLimiter, credentialIdOf(answer), instant)
        if (retryAfterSeconds !== undefined) {
          const denial = rateLimited(retryAfterSeconds)
          deniedCallers.set(request, answer)
          if (answer.kind === 'api-key') {
            onDecision(answer, answer.homeOrganizationId, 'denied', request.ip, instant, config)
            onDenial(answer, answer.homeOrganizationId, denial, request)
          }
          // Not logged a second time, as with malformed credentials: a flood must not write two lines a request.
          sendDenial(reply, reword(request, config, denial))
          return
        }
      }
      let denial = denialOf(request, config, answer, instant, request)
      // The passed `config`, because `request.routeOptions` allocates an object on each read.
      if (denial === undefined && config.managementWrite) denial = takeWriteSlot(request, reply, answer)
      if (answer.kind === 'api-key') {
        const organizationId = request[ORGANIZATION]?.organizationId ?? answer.homeOrganizationId
        onDecision(answer, organizationId, denial ? 'denied' : 'allowed', request.ip, instant, config)
        if (denial) onDenial(answer, organizationId, denial, request)
      }
      if (denial) {
        deniedCallers.set(request, answer)
        deny(reply, reword(request, config, denial))
      } else {
        request[PRINCIPAL] = answer
        done()
      }
    }

    /** Refuses a credential. Missing and malformed ones are not logged again: a flood must not write two lines a request. */
    function denyRequest(
      request: FastifyRequest,
      reply: FastifyReply,
      config: FastifyContextConfig,
      answer: CredentialDenial,
    ): void {
      const denial = reword(request, config, challenge(answer, requiredScope(request, config)))
      if (answer.reason === 'missing' || answer.reason === 'malformed') sendDenial(reply, denial)
      else deny(reply, denial)
    }
  },
  { name: 'authentication', dependencies: ['error-handling'], fastify: '5.x' },
)

/** Fastify reads no body of a GET or a HEAD. */
const hasNoBody = ({ method }: RouteOptions): boolean => [method].flat().every((one) => one === 'GET' || one === 'HEAD')

const reword = (request: FastifyRequest, { rewordDenial }: FastifyContextConfig, denial: Denial): Denial =>
  rewordDenial ? rewordDenial(denial, request) : denial

function throwMissing(request: FastifyRequest, what: string): never {
  throw new Error(`${request.method} ${request.routeOptions.url} has no ${what}`)
}
