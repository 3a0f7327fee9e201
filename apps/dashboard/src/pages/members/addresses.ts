/** The number of addresses that are invited at once. */
export const MAX_ADDRESSES = 50

/** Splits what was typed or pasted into addresses: one a line, or separated by spaces, commas or semicolons. */
export function parseAddresses(text: string): string[] {
  const seen = new Map<string, string>()
  for (const part of text.split(/[\s,;]+/u)) {
    // As mail programs copy it: Ada Lovelace <ada@example.com>
    const address = part.replace(/^<(.*)>$/u, '$1')
    if (address !== '' && !seen.has(address.toLowerCase())) seen.set(address.toLowerCase(), address)
  }
  return [...seen.values()]
}

/** Says what is wrong with the addresses before they are sent; undefined if nothing is. */
export function findAddressProblem(addresses: readonly string[]): string | undefined {
  if (addresses.length === 0) return 'Enter an e-mail address'
  if (addresses.length > MAX_ADDRESSES) return `Invite ${MAX_ADDRESSES} people at most at once`
  const wrong = addresses.filter((address) => !/^[^@]+@[^@]+$/u.test(address))
  return wrong.length === 0 ? undefined : `Not an e-mail address: ${wrong.join(', ')}`
}
