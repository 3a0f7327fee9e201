import { once } from 'node:events'
import { connect } from 'node:tls'
import type { Finding } from '@daytona-auth/service'

const ANSWER_MS = 5000
const SOON_DAYS = 14
const DAY_MS = 24 * 60 * 60 * 1000
const check = 'TLS'

/** Whether clients believe the certificate of an https `origin`, and for how long. A host that is not there is for others to tell of. */
export async function examineCertificate(origin: string): Promise<Finding[]> {
  const { hostname, port } = new URL(origin)
  const host = hostname.replace(/^\[|\]$/g, '')
  const socket = connect({ host, port: Number(port || 443), ...(/^[\d.:]+$/.test(host) ? {} : { servername: host }) })
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('no answer in time')))
  try {
    await once(socket, 'secureConnect')
    return [judge(origin, new Date(socket.getPeerCertificate().valid_to))]
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!/CERT|SIGNATURE|SSL|TLS/.test(code)) return []
    return [
      {
        check,
        severity: 'error',
        what: `clients do not believe the certificate of ${origin} (${code})`,
        remedy: 'renew it, with its whole chain, for this name',
      },
    ]
  } finally {
    socket.destroy()
  }
}

function judge(origin: string, ends: Date): Finding {
  const days = Math.floor((ends.getTime() - Date.now()) / DAY_MS)
  const what = `the certificate of ${origin} is good for ${days} days`
  if (days > SOON_DAYS) return { check, severity: 'ok', what }
  return { check, severity: 'warning', what, remedy: 'renew it, and see why that does not happen by itself' }
}
