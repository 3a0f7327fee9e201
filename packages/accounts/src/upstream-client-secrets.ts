import { type SealedSecrets, sealedSecrets } from './sealed-secrets.ts'

/** Creates the encryption of the secrets with which we are a client of organizations' identity providers. */
export const upstreamClientSecrets = (secrets: readonly [string, ...string[]]): SealedSecrets =>
  sealedSecrets(secrets, 'daytona-auth identity provider secrets')
