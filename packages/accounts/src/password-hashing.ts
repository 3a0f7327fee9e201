import { hash, verify } from '@node-rs/argon2'
import pLimit from 'p-limit'

/** OWASP's parameters for argon2id: 19 MiB, two passes, one lane; about 15 ms of CPU. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const

const CURRENT = `$argon2id$v=19$m=${PARAMETERS.memoryCost},t=${PARAMETERS.timeCost},p=${PARAMETERS.parallelism}$`

/** A hash with the current parameters, which takes as long to verify as any other. Its salt and its digest are zeros. */
const DECOY = `${CURRENT}${'A'.repeat(22)}$${'A'.repeat(43)}`

/** Thrown if the queue of passwords to hash is full. */
export class HashingOverloaded extends Error {
  override readonly name = 'HashingOverloaded'
}

export interface PasswordHasher {
  /** Returns the argon2id hash in PHC form. @throws HashingOverloaded */
  hash(password: string): Promise<string>
  /**
   * Whether `password` matches `stored`. Without a stored hash it takes the same time and is false, so that timing does not
   * reveal which accounts exist.
   * @throws HashingOverloaded
   */
  verify(stored: string | undefined, password: string): Promise<boolean>
  /** The state of the queue, and the number of passwords refused because it was full. */
  line(): { readonly running: number; readonly waiting: number; readonly refused: number }
}

export interface PasswordHasherOptions {
  readonly concurrency?: number
  readonly maxQueued?: number
  /** Receives the time of each hash in milliseconds, without its wait in the queue. */
  readonly onHashed?: (ms: number) => void
}

/**
 * Makes a hasher with bounded concurrency and a bounded queue: a flood of sign-ins must not use up the CPU. `maxQueued` does
 * not count the running hashes.
 */
export function passwordHasher({
  concurrency = 2,
  maxQueued = 100,
  onHashed = () => {},
}: PasswordHasherOptions = {}): PasswordHasher {
  const limit = pLimit(concurrency)
  let refused = 0

  function enqueue<T>(work: () => Promise<T>): Promise<T> {
    if (limit.activeCount >= concurrency && limit.pendingCount >= maxQueued) {
      refused += 1
      throw new HashingOverloaded('queue is full')
    }
    return limit(() => measure(work))
  }

  async function measure<T>(work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now()
    try {
      return await work()
    } finally {
      onHashed(performance.now() - startedAt)
    }
  }

  return {
    hash: async (password) => enqueue(() => hashPassword(password)),
    verify: async (stored, password) =>
      enqueue(async () => (await verify(stored ?? DECOY, normalized(password))) && stored !== undefined),
    line: () => ({ running: limit.activeCount, waiting: limit.pendingCount, refused }),
  }
}

/** Returns an argon2id hash in PHC form without the queue, for set-up code that hashes a single password. */
export const hashPassword = (password: string): Promise<string> => hash(normalized(password), PARAMETERS)

/** Whether `stored` has other parameters than the current ones, so that the next sign-in must hash again. */
export const needsRehash = (stored: string): boolean => !stored.startsWith(CURRENT)

/** Keyboards encode `é` in two ways (RFC 8265 §4.2: NFC). */
const normalized = (password: string): string => password.normalize('NFC')
