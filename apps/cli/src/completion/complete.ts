import { Writable } from 'node:stream'
import type { Command } from '@commander-js/extra-typings'
import { createApi } from '../api.ts'
import { type CommandContext, createContext } from '../command-context.ts'
import { readConfig } from '../config-file.ts'
import { isPrintable } from '../escape.ts'
import type { NameKind } from '../name-kinds.ts'
import { readFreshAccessToken } from '../session.ts'
import { resolveSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { type Candidate, findCandidates } from './candidates.ts'

/** Time for the names of the server. A shell waits for completion while a line is being typed. */
const NAMES_TIMEOUT_MS = 1000

/**
 * Completes the last word, with the names of profiles and those that exist at the server. Without a server, a credential or an
 * answer in time, there are no names: completion reports no errors.
 * @param createProgram creates the command table; the one used here prints nothing
 */
export async function completeWords(
  terminal: Terminal,
  createProgram: (terminal: Terminal) => Command,
  words: readonly string[],
): Promise<readonly Candidate[]> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const program = createProgram({ ...terminal, stdout: silent, stderr: silent })
  const candidates = await findCandidates(program, words, async (kind) => {
    try {
      if (kind === 'profile') return await readProfileNames(terminal)
      program.parseOptions(listCompleteWords(words))
      return await readNames(createContext(terminal, program), kind)
    } catch {
      return []
    }
  })
  // Each candidate is a line.
  return candidates.filter(({ value }) => isPrintable(value))
}

/** Returns the words before the one being typed, without an option that it is the value of. */
function listCompleteWords(words: readonly string[]): string[] {
  const before = words.slice(0, -1)
  return before.at(-1)?.startsWith('-') ? before.slice(0, -1) : before
}

async function readProfileNames(terminal: Terminal): Promise<readonly Candidate[]> {
  const { profiles } = await readConfig(terminal)
  return Object.entries(profiles).map(([value, { apiUrl }]) => ({ value, description: apiUrl }))
}

async function readNames({ terminal, selection }: CommandContext, kind: NameKind): Promise<readonly Candidate[]> {
  const deadline = AbortSignal.timeout(terminal.namesTimeoutMs ?? NAMES_TIMEOUT_MS)
  const settings = await resolveSettings(terminal, selection)
  const { credential, profileName } = settings
  // A refresh changes the session, and must not be interrupted: commands do that.
  const token = credential.kind === 'api-key' ? credential.key : await readFreshAccessToken(terminal, profileName)
  const { listNames } = await import('../name-lists.ts')
  const names = await listNames(await createApi(settings, async () => token, deadline), kind)
  return names.map(({ value, label, description }) => ({
    value,
    description: value === label ? description : `${label}, ${description}`,
  }))
}
