// Preloaded into a server by the test of bad input: shifts its clock and reports each opened port.
import { Server } from 'node:net'

const aheadMs = Number(process.env['TEST_CLOCK_AHEAD_MS'] ?? 0)
const { now } = Date
Date.now = () => now() + aheadMs

const { listen } = Server.prototype
Server.prototype.listen = function (this: Server, ...args: Parameters<Server['listen']>) {
  this.once('listening', () => process.stderr.write('a port was opened\n'))
  return listen.apply(this, args)
} as Server['listen']
