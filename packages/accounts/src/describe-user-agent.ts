import Bowser from 'bowser'

/** What a user agent states about itself, each null if unknown. */
export interface DescribedUserAgent {
  /** The name and the major version of the browser. */
  readonly browser: string | null
  /** The operating system, without a version: browsers state the same one for all. */
  readonly system: string | null
}

/** The names that the library knows. It takes any other from the text itself, which comes from the client. */
const BROWSERS: ReadonlySet<string | undefined> = new Set(Object.values(Bowser.BROWSER_MAP))
const SYSTEMS: ReadonlySet<string | undefined> = new Set(Object.values(Bowser.OS_MAP))

/** Describes a stored user agent, whose length is limited by `userAgentOf`. */
export function describeUserAgent(userAgent: string | null): DescribedUserAgent {
  if (userAgent === null || userAgent === '') return { browser: null, system: null }
  const { browser, os } = Bowser.parse(userAgent)
  const major = /^\d{1,5}/.exec(browser.version ?? '')?.[0]
  return {
    browser: BROWSERS.has(browser.name) ? [browser.name, major].filter(Boolean).join(' ') : null,
    system: (SYSTEMS.has(os.name) && os.name) || null,
  }
}
