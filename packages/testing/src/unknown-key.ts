import { mintKey } from '@daytona-auth/auth'

/** A well-formed API key that no server has issued. */
export const UNKNOWN_KEY: string = mintKey(new Uint8Array(32)).key
