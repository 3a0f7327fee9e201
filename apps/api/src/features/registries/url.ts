/**
 * Scheme, host, port and path, in characters that every URL parser reads alike: a password must be sent only to the
 * server that it was given for, by any program. No user or password, which would be stored and shown in clear.
 */
const ADDRESS = /^(?:https?:\/\/)?(?:[a-z\d_](?:[\w.-]*[a-z\d_])?|\[[\da-f:.]+\])(?::\d{1,5})?(?:\/[\w.~+/-]*)?$/i

/** Returns the origin of a registry (`https://docker.io` for `docker.io`), or undefined for an invalid address. */
export function serverOf(text: string): string | undefined {
  if (!ADDRESS.test(text)) return undefined
  return URL.parse(/^https?:\/\//i.test(text) ? text : `https://${text}`)?.origin
}
