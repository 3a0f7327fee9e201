import { once } from 'node:events'
import { connect } from 'node:tls'
import type { Finding } from '@daytona-auth/service'

const ANSWER_MS = 5000
const SOON_DAYS = 14
const DAY_MS = 24 * 60 * 60 * 1000
const check = 'TLS'

/** Checks whether clients trust the certificate of an https `origin`, and for how long. Other checks report a missing host. */
export async function examineCertificate(origin: string): Promise<Finding[]> {
  const { hostname, port } = new URL(origin)
  const host = hostname.replace(/^\[|\]$/g, '')
  const socket = connect({ host, port: Number(port || 443), ...(/^[\d.:]+$/.test(host) ? {} : { servername: host }) })
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('no answer in time')))
  try {
    await once(socket, 'secureConnect')
    return [findingOf(origin, new Date(socket.getPeerCertificate().valid_to))]
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!/CERT|SIGNATURE|SSL|TLS/.test(code)) return []
    return [
      {
        check,
        severity: 'error',
        what: `clients do not trust the certificate of ${origin} (${code})`,
        remedy: 'renew it for this name, with its whole chain',
      },
    ]
  } finally {
    socket.destroy()
  }
}

function findingOf(origin: string, validTo: Date): Finding {
  const days = Math.floor((validTo.getTime() - Date.now()) / DAY_MS)
  const what = `the certificate of ${origin} is good for ${days} days`
  if (days > SOON_DAYS) return { check, severity: 'ok', what }
  return { check, severity: 'warning', what, remedy: 'renew it, and check why it is not renewed automatically' }
}
