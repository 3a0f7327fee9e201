import { databaseFault, describeError, type Finding, redactText } from '@daytona-auth/service'
import { problemsOf, type Server } from '../configuration/servers.ts'
import { EXIT, type Host } from '../host.ts'
import type { Output } from '../output.ts'
import { examineChannel } from './channel.ts'
import { examineServedDatabase } from './database.ts'
import { examineIssuer } from './issuer.ts'
import { readConfig } from './read-config.ts'
import { examineRedis } from './redis.ts'
import { examineSettings } from './settings.ts'
import { examineSigningKeys } from './signing-keys.ts'

/** How long a look may take: who accepts a connection may say nothing for ever. */
const LOOK_MS = 10_000

/** Looks at everything at once, as `servers` are configured, and says what is to be done about it. Nothing is changed. */
export async function examineDeployment(host: Host, output: Output, servers: readonly Server[]): Promise<void> {
  const told = readConfig(host.env)
  const looks: [check: string, look: () => Finding[] | Promise<Finding[]>][] = [
    ['configuration', () => examineConfiguration(host, servers)],
    ['settings', () => examineSettings(told)],
    ['database', () => examineServedDatabase(told, servers)],
    ['channel', () => examineChannel(told)],
    ['signing keys', () => examineSigningKeys(told)],
    ['Redis', () => examineRedis(told)],
    ['issuer', () => examineIssuer(told)],
  ]
  const findings = (await Promise.all(looks.map(([check, look]) => looked(check, look)))).flat()
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.filter(({ severity }) => severity === 'warning').length
  const answer = { findings: findings.map(wireOf), errors, warnings }
  await output.answer(answer, [...findings.map(textOf), `errors: ${errors}, warnings: ${warnings}`].join('\n'))
  if (errors + warnings > 0) host.exitCode = EXIT.no
}

function examineConfiguration({ env }: Host, servers: readonly Server[]): Finding[] {
  const problems = problemsOf(servers, env)
  const remedy = 'correct it; daytona-auth config shows every variable'
  const findings = problems.map(({ problem, servers }): Finding => {
    return { check: 'configuration', severity: 'error', what: `${problem} (${servers.join(', ')})`, remedy }
  })
  const well = `every variable of ${servers.join(' and ')} can be read`
  return findings.length > 0 ? findings : [{ check: 'configuration', severity: 'ok', what: well }]
}

/** What a look found; that it came to nothing is a finding too. */
async function looked(check: string, look: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })), LOOK_MS)
  try {
    return await Promise.race([look(), late])
  } catch (error) {
    const fault = databaseFault(error)
    if (fault) return [{ ...fault, check }]
    const { message } = describeError(error) as { message?: string }
    return [{ check, severity: 'error', what: `it could not be looked at: ${redactText(message ?? String(error))}` }]
  } finally {
    clearTimeout(timer)
  }
}

const wireOf = ({ check, severity, what, remedy }: Finding) => ({ check, severity, what, remedy: remedy ?? null })

const textOf = ({ check, severity, what, remedy }: Finding): string =>
  `${severity.padEnd(7)}  ${check}: ${what}${remedy === undefined ? '' : `\n         → ${remedy}`}`
