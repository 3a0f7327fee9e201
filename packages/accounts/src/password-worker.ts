import { parentPort } from 'node:worker_threads'
import { estimateStrength, type StrengthRequest } from './password-strength.ts'

/** The thread of `password-checker.ts`: one request after another. Posts `ready` when the dictionaries are loaded. */
parentPort?.on('message', (request: StrengthRequest) => {
  parentPort?.postMessage(estimateStrength(request))
})
parentPort?.postMessage('ready')
