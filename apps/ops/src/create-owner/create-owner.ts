import { GivenName } from '@daytona-auth/accounts/given-name'
import { checkAccount } from '@daytona-auth/accounts/new-account'
import { passwordChecker } from '@daytona-auth/accounts/password-checker'
import { hashPassword } from '@daytona-auth/accounts/password-hashing'
import { makePassword } from '@daytona-auth/accounts/passwords'
import { newId } from '@daytona-auth/db/core'
import { createOwner } from '@daytona-auth/db/operations'
import { StartupError } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import type { Host } from '../host.ts'
import { NegativeResult } from '../negative-result.ts'
import { OPERATIONS } from '../operations.ts'
import type { Output } from '../output.ts'
import { readPassword } from './password.ts'

export interface CreateOwnerOptions {
  readonly email: string
  readonly name: string
  /** The name of a shared organization. */
  readonly organization?: string | undefined
  readonly passwordFile?: string | undefined
}

/**
 * Creates an account and its organizations, under the rules of a sign-up. A generated password is printed once and not stored.
 * @throws NegativeResult if the address has an account; StartupError that names every invalid option
 */
export async function createOwnerAccount(host: Host, output: Output, options: CreateOwnerOptions): Promise<void> {
  const config = loadDatabaseConfig(host.env)
  const { passwordFile } = options
  const password = passwordFile === undefined ? makePassword() : await readPassword(passwordFile, host)
  const organization = options.organization === undefined ? undefined : GivenName.safeParse(options.organization)
  const checker = passwordChecker()
  const { account, problems: wrong } = await checkAccount({ ...options, password }, checker).finally(checker.close)
  const problems = Object.entries({
    ...wrong,
    ...(organization?.error && { organization: organization.error.issues.map(({ message }) => message).join(', ') }),
  }).map(([field, problem]) => `--${field === 'password' ? 'password-file' : field}: ${problem}`)
  if (!account || problems.length > 0) throw new StartupError(problems.join(' '))

  const shared = organization?.data === undefined ? undefined : { id: newId('org'), name: organization.data }
  const created = await withDatabase(config, output, async (database) => {
    const passwordHash = await hashPassword(password)
    const owner = { name: account.name, email: account.email, passwordHash, emailVerified: true }
    return createOwner(database, { owner, organization: shared }, OPERATIONS)
  })
  if (!created)
    throw new NegativeResult(`there is an account with the address ${account.email} already: nothing was changed`)
  const answer = {
    userId: created.userId,
    email: account.email,
    personalOrganizationId: created.organizationId,
    organizationId: shared?.id ?? null,
    ...(passwordFile === undefined && { password }),
  }
  await output.answer(answer, textOf(answer))
}

interface Answer {
  readonly userId: string
  readonly email: string
  readonly personalOrganizationId: string
  readonly organizationId: string | null
  /** The generated password. */
  readonly password?: string
}

const textOf = ({ userId, email, personalOrganizationId, organizationId, password }: Answer): string =>
  [
    `created the account ${email} (${userId})`,
    `its personal organization is ${personalOrganizationId}`,
    organizationId !== null && `its shared organization is ${organizationId}`,
    password !== undefined && `password, shown only this once: ${password}`,
  ]
    .filter((line) => line !== false)
    .join('\n')
