import { secrets } from '@daytona-auth/service'

/** The variable of the servers that store or use secrets of organizations. */
export const resourceSecretsShape = {
  RESOURCE_SECRETS_KEY: secrets()
    .optional()
    .describe(
      'Encrypts registry passwords, here and in the platform that uses them, and the client secrets of identity providers of organizations, which the provider decrypts. Comma-separated: the first encrypts, each decrypts. Without it neither can be stored, and no identity provider of an organization is used.',
    ),
}
