/**
 * Scheme, host, port and path, in characters that every URL parser reads alike: who asks for a password must be who it
 * was given for, whatever program asks. No user or password, which would be kept and shown in clear.
 */
const ADDRESS = /^(?:https?:\/\/)?(?:[a-z\d_](?:[\w.-]*[a-z\d_])?|\[[\da-f:.]+\])(?::\d{1,5})?(?:\/[\w.~+/-]*)?$/i

/** A registry's server: `docker.io` is `https://docker.io`. Undefined for what is no address of one. */
export function serverOf(text: string): string | undefined {
  if (!ADDRESS.test(text)) return undefined
  return URL.parse(/^https?:\/\//i.test(text) ? text : `https://${text}`)?.origin
}
