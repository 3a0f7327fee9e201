import { PasswordCheckOverloaded } from '@daytona-auth/accounts/password-checker'
import { HashingOverloaded, type PasswordHasher } from '@daytona-auth/accounts/password-hashing'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** The metrics of our own pages: attempts to sign in and up, and password hashing. */
export interface SignInMetrics {
  /** Counts an attempt by its result, and returns the outcome. */
  countAttempt<Outcome extends { readonly kind: AttemptResult }>(
    what: 'sign-in' | 'sign-up',
    outcome: Promise<Outcome>,
  ): Promise<Outcome>
  observeHasher(hasher: Pick<PasswordHasher, 'line'>): void
  /** Records the time to hash a password, in milliseconds without the wait. */
  recordHashingTime(ms: number): void
}

export type AttemptResult =
  | 'signed-in'
  | 'signed-up'
  | 'second-factor'
  | 'wrong'
  | 'required'
  | 'too-many'
  | 'gone'
  | 'ended'
  | 'blocked'
  | 'proof-needed'

/** Buckets in seconds: one password takes about 15 ms of a dedicated CPU. */
const HASHING_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export function createSignInMetrics(registry: Registry): SignInMetrics {
  const registers = [registry]
  const attempts = {
    'sign-in': new Counter({
      name: 'sign_ins_total',
      help: 'Attempts to sign in with a password, by result',
      labelNames: ['result'],
      registers,
    }),
    'sign-up': new Counter({
      name: 'sign_ups_total',
      help: 'Attempts to sign up, by result',
      labelNames: ['result'],
      registers,
    }),
  }
  const hashing = new Histogram({
    name: 'password_hashing_seconds',
    help: 'Time to hash a password, without the wait in the queue',
    buckets: HASHING_SECONDS,
    registers,
  })

  return {
    async countAttempt(what, outcome) {
      const counter = attempts[what]
      try {
        const settled = await outcome
        counter.inc({ result: labelOf(settled.kind) })
        return settled
      } catch (error) {
        const isOverload = error instanceof HashingOverloaded || error instanceof PasswordCheckOverloaded
        counter.inc({ result: isOverload ? 'overloaded' : 'failed' })
        throw error
      }
    },
    observeHasher: (hasher) => registerHashingQueue(registry, hasher),
    recordHashingTime: (ms) => hashing.observe(ms / 1000),
  }
}

function registerHashingQueue(registry: Registry, { line }: Pick<PasswordHasher, 'line'>): void {
  const registers = [registry]
  new Gauge({
    name: 'password_hashing_passwords',
    help: 'Passwords being hashed, and passwords waiting',
    labelNames: ['state'],
    registers,
    collect() {
      const { running, waiting } = line()
      this.set({ state: 'running' }, running)
      this.set({ state: 'waiting' }, waiting)
    },
  })
  new Counter({
    name: 'password_hashing_refusals_total',
    help: 'Passwords not hashed because the queue was full',
    registers,
    collect() {
      this.reset()
      this.inc(line().refused)
    },
  })
}

const labelOf = (words: string): string => words.replaceAll('-', '_')
