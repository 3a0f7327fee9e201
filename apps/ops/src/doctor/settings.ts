import type { Finding } from '@daytona-auth/service'
import type { Told } from './read-config.ts'

/** What can be told of TLS, cookies and proxies without asking anybody. */
export function examineSettings({ ISSUER, TRUSTED_PROXIES }: Told): Finding[] {
  const findings: Finding[] = []
  if (ISSUER?.startsWith('http:')) {
    findings.push({
      check: 'cookies',
      severity: 'warning',
      what: `ISSUER is ${ISSUER}: without TLS, cookies are neither Secure nor bound to the host`,
      remedy: 'give people an https origin; http is for trying it out on one machine',
    })
  } else if (ISSUER) {
    findings.push({ check: 'cookies', severity: 'ok', what: 'cookies are Secure and bound to the host of ISSUER' })
  }
  if (TRUSTED_PROXIES) findings.push(proxies(TRUSTED_PROXIES, ISSUER))
  return findings
}

function proxies(networks: readonly string[], issuer: string | undefined): Finding {
  const check = 'proxies'
  if (networks.some((network) => network.endsWith('/0'))) {
    return {
      check,
      severity: 'error',
      what: 'TRUSTED_PROXIES holds every address: anybody may say whose address theirs is',
      remedy: 'name the networks of your proxies only',
    }
  }
  // The servers speak http: who ends TLS is a proxy.
  if (networks.length === 0 && issuer?.startsWith('https:')) {
    return {
      check,
      severity: 'warning',
      what: 'TRUSTED_PROXIES is empty: all clients behind the proxy are limited as one address',
      remedy: 'name the network of the proxy that ends TLS',
    }
  }
  return { check, severity: 'ok', what: `forwarded addresses are believed of ${networks.join(', ') || 'nobody'}` }
}
