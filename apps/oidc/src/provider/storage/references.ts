/** The prefix of a reference. The ids of artifacts contain no colon. */
const PREFIX = 'digest:'

/** Returns what stands for an artifact where its id, which is a secret, must not be stored or sent. */
export const referenceTo = (digest: Uint8Array): string => PREFIX + Buffer.from(digest).toString('base64url')

/** Returns the digest in a reference; undefined for anything else. */
export const digestIn = (id: string): Buffer | undefined =>
  id.startsWith(PREFIX) ? Buffer.from(id.slice(PREFIX.length), 'base64url') : undefined
