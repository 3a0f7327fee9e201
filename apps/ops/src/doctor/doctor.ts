import { databaseFault, describeError, type Finding, redactText } from '@daytona-auth/service'
import pTimeout from 'p-timeout'
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

/** The timeout of a check: a peer may accept a connection and never answer. */
const CHECK_MS = 10_000

/** Runs all checks at once with the configuration of `servers`, and prints findings with remedies. Changes nothing. */
export async function examineDeployment(host: Host, output: Output, servers: readonly Server[]): Promise<void> {
  const config = readConfig(host.env)
  const checks: [check: string, run: () => Finding[] | Promise<Finding[]>][] = [
    ['configuration', () => examineConfiguration(host, servers)],
    ['settings', () => examineSettings(config)],
    ['database', () => examineServedDatabase(config, servers)],
    ['channel', () => examineChannel(config)],
    ['signing keys', () => examineSigningKeys(config)],
    ['Redis', () => examineRedis(config)],
    ['issuer', () => examineIssuer(config)],
  ]
  const findings = (await Promise.all(checks.map(([check, run]) => runCheck(check, run)))).flat()
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
  const success = `every variable of ${servers.join(' and ')} can be read`
  return findings.length > 0 ? findings : [{ check: 'configuration', severity: 'ok', what: success }]
}

/** Returns the findings of a check. Its failure is a finding too. */
async function runCheck(check: string, run: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  const findings = async () => run()
  const late = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })
  try {
    return await pTimeout(findings(), { milliseconds: CHECK_MS, message: late })
  } catch (error) {
    const fault = databaseFault(error)
    if (fault) return [{ ...fault, check }]
    const { message } = describeError(error) as { message?: string }
    return [{ check, severity: 'error', what: `the check failed: ${redactText(message ?? String(error))}` }]
  }
}

const wireOf = ({ check, severity, what, remedy }: Finding) => ({ check, severity, what, remedy: remedy ?? null })

const textOf = ({ check, severity, what, remedy }: Finding): string =>
  `${severity.padEnd(7)}  ${check}: ${what}${remedy === undefined ? '' : `\n         → ${remedy}`}`
