/**
 * The header that selects the organization of a request. The first name is the documented one, which clients send; the
 * others are aliases, which servers read as well.
 */
export const ORGANIZATION_HEADERS: readonly [string, ...string[]] = ['X-Daytona-Organization-ID']

export const ORGANIZATION_HEADER = ORGANIZATION_HEADERS[0]

/** The error of a request that must name its organization. */
export const organizationRequired = (count: number): string =>
  `${ORGANIZATION_HEADER} header is required: this credential has access to ${count} organizations`

/**
 * Makes a function that reads the organization of a request, in the documented header or an alias. An empty header counts
 * as absent. Headers that disagree are joined by a comma, as Node joins a repeated one: no organization has such an id.
 *
 * `read` returns the value of a header; it receives the name in lower case.
 */
export function organizationReader<Source>(
  read: (source: Source, name: string) => string | null | undefined,
  names = ORGANIZATION_HEADERS,
): (source: Source) => string | undefined {
  const [name, ...aliases] = names.map((each) => each.toLowerCase()) as [string, ...string[]]
  // Without an alias, a request pays for one look-up and allocates nothing.
  if (aliases.length === 0) return (source) => read(source, name) || undefined
  return (source) => {
    const values = [name, ...aliases].map((each) => read(source, each)).filter(Boolean)
    return values.length === 0 ? undefined : [...new Set(values)].join(',')
  }
}
