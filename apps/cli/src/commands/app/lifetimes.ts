import { InvalidArgumentError } from '@commander-js/extra-typings'
import { durationOption } from '../../parse.ts'

/** Lifetimes in seconds; `false` stands for the default of the server. */
export interface LifetimeOptions {
  readonly refreshTokenTtl?: number | false | undefined
  readonly refreshTokenAbsoluteTtl?: number | false | undefined
  readonly maxAge?: number | false | undefined
}

/** Parses a duration to whole seconds. */
export function secondsOption(text: string): number {
  const seconds = durationOption(text) / 1000
  if (Number.isInteger(seconds)) return seconds
  throw new InvalidArgumentError('Use a duration of whole seconds, such as 30d, 24h or 90m.')
}

/** Returns the members of an app that the options name. */
export const readLifetimes = ({ refreshTokenTtl, refreshTokenAbsoluteTtl, maxAge }: LifetimeOptions) => ({
  ...(refreshTokenTtl !== undefined && { refreshTokenTtl: orDefault(refreshTokenTtl) }),
  ...(refreshTokenAbsoluteTtl !== undefined && { refreshTokenAbsoluteTtl: orDefault(refreshTokenAbsoluteTtl) }),
  ...(maxAge !== undefined && { defaultMaxAge: orDefault(maxAge) }),
})

/** 0 is a value: every sign-in is too old. */
const orDefault = (seconds: number | false): number | null => (seconds === false ? null : seconds)
