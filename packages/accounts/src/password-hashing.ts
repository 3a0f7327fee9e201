import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import pLimit from 'p-limit'

/** The work of one hash, as OWASP gives it for argon2id: 19 MiB, two passes, one lane; about 15 ms of CPU. */
const WORK = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const

const CURRENT = `$argon2id$v=19$m=${WORK.memoryCost},t=${WORK.timeCost},p=${WORK.parallelism}$`

/** More passwords are waiting to be hashed than the queue holds. */
export class HashingOverloaded extends Error {
  override readonly name = 'HashingOverloaded'
}

export interface PasswordHasher {
  /** The argon2id hash in PHC form. Throws `HashingOverloaded`. */
  hash(password: string): Promise<string>
  /**
   * Whether `password` is the one behind `stored`. Without a stored hash it takes the same time and is false, so that
   * the clock does not tell which accounts exist. Throws `HashingOverloaded`.
   */
  verify(stored: string | undefined, password: string): Promise<boolean>
  /** How long the line is, and how many it had no room for. */
  line(): { readonly running: number; readonly waiting: number; readonly refused: number }
}

export interface PasswordHasherOptions {
  readonly concurrency?: number
  readonly maxQueued?: number
  /** Told how long each password took, in milliseconds, without its wait. */
  readonly onHashed?: (ms: number) => void
}

/**
 * Hashes with bounded concurrency: a flood of sign-ins waits in line instead of starving the machine, and the line
 * has an end. `maxQueued` counts those waiting, not those at work.
 */
export function passwordHasher({
  concurrency = 2,
  maxQueued = 100,
  onHashed = () => {},
}: PasswordHasherOptions = {}): PasswordHasher {
  const limit = pLimit(concurrency)
  let refused = 0
  const nobodys = hashPassword(randomBytes(32).toString('base64'))

  function inLine<T>(work: () => Promise<T>): Promise<T> {
    if (limit.activeCount >= concurrency && limit.pendingCount >= maxQueued) {
      refused += 1
      throw new HashingOverloaded('line is full')
    }
    return limit(() => timed(work))
  }

  async function timed<T>(work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now()
    try {
      return await work()
    } finally {
      onHashed(performance.now() - startedAt)
    }
  }

  return {
    hash: async (password) => inLine(() => hashPassword(password)),
    verify: async (stored, password) =>
      inLine(async () => (await verify(stored ?? (await nobodys), normalized(password))) && stored !== undefined),
    line: () => ({ running: limit.activeCount, waiting: limit.pendingCount, refused }),
  }
}

/** One argon2id hash, in PHC form, outside any line: for set-up code that hashes a single password. */
export const hashPassword = (password: string): Promise<string> => hash(normalized(password), WORK)

/** Whether `stored` was made with other work than today's, so that it is made anew at the next sign-in. */
export const needsRehash = (stored: string): boolean => !stored.startsWith(CURRENT)

/** Two keyboards may write one `é` in two ways (RFC 8265 §4.2: NFC). */
const normalized = (password: string): string => password.normalize('NFC')
