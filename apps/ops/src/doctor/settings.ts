import { type Finding, readNetwork } from '@daytona-auth/service'
import type { ReadConfig } from './read-config.ts'

/** Checks TLS, cookies, proxies and registration by the configuration alone. */
export function examineSettings({ ISSUER, TRUSTED_PROXIES, CLIENT_REGISTRATION }: ReadConfig): Finding[] {
  const findings: Finding[] = []
  if (ISSUER?.startsWith('http:')) {
    findings.push({
      check: 'cookies',
      severity: 'warning',
      what: `ISSUER is ${ISSUER}: without TLS, cookies are neither Secure nor bound to the host`,
      remedy: 'use an https origin; http is for trying it out on one machine',
    })
  } else if (ISSUER) {
    findings.push({ check: 'cookies', severity: 'ok', what: 'cookies are Secure and bound to the host of ISSUER' })
  }
  if (TRUSTED_PROXIES) findings.push(proxies(TRUSTED_PROXIES, ISSUER))
  if (CLIENT_REGISTRATION === 'open') {
    findings.push({
      check: 'registration',
      severity: 'warning',
      what: 'CLIENT_REGISTRATION is open: anyone can register an app, with a name and redirect URIs of their choice',
      remedy: 'set it to token, and create tokens with daytona-auth registration-token create',
    })
  }
  return findings
}

function proxies(networks: readonly string[], issuer: string | undefined): Finding {
  const check = 'proxies'
  if (networks.some((network) => readNetwork(network)?.[1] === 0)) {
    return {
      check,
      severity: 'error',
      what: 'TRUSTED_PROXIES contains every address: any client can forge its address',
      remedy: 'name the networks of your proxies only',
    }
  }
  // The servers speak http, so a proxy terminates TLS.
  if (networks.length === 0 && issuer?.startsWith('https:')) {
    return {
      check,
      severity: 'warning',
      what: 'TRUSTED_PROXIES is empty: all clients behind the proxy are limited as one address',
      remedy: 'name the network of the proxy that terminates TLS',
    }
  }
  return { check, severity: 'ok', what: `forwarded addresses are trusted from ${networks.join(', ') || 'no proxy'}` }
}
