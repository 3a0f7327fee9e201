import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'

/** The input of an estimate. Both members are bounded: see `password-checker.ts`. */
export interface StrengthRequest {
  readonly password: string
  /** Words of the person's name and address, in lower case. */
  readonly knownWords: readonly string[]
}

const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })

/** Estimates how hard a password is to guess, from 0 to 4. Takes up to seconds of CPU: only the worker calls it. */
export const estimateStrength = ({ password, knownWords }: StrengthRequest): number =>
  estimator.check(password, [...knownWords]).score
