import type { FastifyRequest } from 'fastify'

/**
 * Takes the type off a body that is not there: the stock client calls every POST without a body a form, which we read
 * nowhere and would refuse. An `onRequest` hook, for routes that may be called without a body.
 */
export function forgetTypeOfEmptyBody({ headers }: FastifyRequest, _reply: unknown, done: () => void): void {
  if (headers['content-length'] === '0' && headers['transfer-encoding'] === undefined) delete headers['content-type']
  done()
}
