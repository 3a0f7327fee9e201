import { describeUserAgent } from '@daytona-auth/accounts/describe-user-agent'
import type { Message } from './language.ts'

/** Describes a browser in a few words, by its stored user agent. */
export function showBrowser(userAgent: string | null): Message {
  const { browser, system } = describeUserAgent(userAgent)
  if (browser !== null && system !== null) return { sentence: '{browser} on {system}', values: { browser, system } }
  const known = browser ?? system
  return known === null ? 'Unknown browser' : { text: known }
}
