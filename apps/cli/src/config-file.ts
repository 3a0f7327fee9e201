import { chmod, mkdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import envPaths from 'env-paths'
import lockfile from 'proper-lockfile'
import * as z from 'zod/mini'
import { prepareFile } from './atomic-file.ts'
import { Failure } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** Something for a header: an error about one that cannot stand there would quote it. */
const Secret = z.string().check(z.regex(/^[\x21-\x7e]+$/))

/** A credential as it is kept: an API key, or what a sign-in gave. */
const Credential = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('api-key'), key: Secret }),
  z.object({
    kind: z.literal('session'),
    issuer: z.string(),
    clientId: z.string(),
    /** Whose session it is, to show it without asking. */
    email: z.nullable(z.string()),
    accessToken: Secret,
    refreshToken: Secret,
    /** The access token's end, by our own clock. */
    expiresAt: z.iso.datetime(),
  }),
])

/** One server, and how to be known there. A newer version of us may add members, which an older one keeps. */
const Profile = z.looseObject({
  apiUrl: z.string(),
  organizationId: z.optional(z.string()),
  credential: z.optional(Credential),
})

const ConfigSchema = z.looseObject({
  version: z.literal(1),
  /** The profile that is meant where none is named. */
  current: z.optional(z.string()),
  profiles: z.record(z.string(), Profile),
})

export type Config = z.output<typeof ConfigSchema>
export type Profile = z.output<typeof Profile>
export type SessionCredential = Extract<z.output<typeof Credential>, { kind: 'session' }>

/** Longer than a refresh takes on a slow network; the holder renews it, so it is only a crash that is waited for. */
const STALE_MS = 10_000
const PATIENCE_MS = 45_000
const POLL_MS = 100

/** The directory of our configuration: `XDG_CONFIG_HOME`'s, or what the platform says. */
export function configDirectory({ env }: Pick<Terminal, 'env'>): string {
  const xdg = env['XDG_CONFIG_HOME']
  // A relative path has to be ignored: XDG Base Directory Specification.
  if (xdg && isAbsolute(xdg)) return join(xdg, 'daytona-auth')
  return envPaths('daytona-auth', { suffix: '' }).config
}

export const configPath = (terminal: Pick<Terminal, 'env'>): string => join(configDirectory(terminal), 'config.json')

/** The profile of that name; a name such as `constructor` is none. */
export const profileOf = ({ profiles }: Config, name: string): Profile | undefined =>
  Object.hasOwn(profiles, name) ? profiles[name] : undefined

/** The session in the profile, if it has one. */
export function sessionIn(config: Config, name: string): SessionCredential | undefined {
  const credential = profileOf(config, name)?.credential
  return credential?.kind === 'session' ? credential : undefined
}

/** With that credential in the profile, or none; everything else stays. */
export function withCredential(config: Config, name: string, credential: Profile['credential']): Config {
  const profile = profileOf(config, name)
  if (profile === undefined) return config
  const { credential: _former, ...rest } = profile
  return withProfile(config, name, credential === undefined ? rest : { ...rest, credential })
}

export const withProfile = (config: Config, name: string, profile: Profile): Config => ({
  ...config,
  profiles: { ...config.profiles, [name]: profile },
})

/**
 * What is kept; empty where nothing is.
 * @throws Failure if the file cannot be read or is not ours: it is never repaired by overwriting it.
 */
export async function readConfig(terminal: Pick<Terminal, 'env'>): Promise<Config> {
  const path = configPath(terminal)
  let text: string
  try {
    text = await readFile(path, 'utf8')
    await restrictToOwner(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { version: 1, profiles: {} }
    throw new Failure(`cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
  const parsed = ConfigSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.length ? ` at ${issue.path.join('.')}` : ''
  throw new Failure(`${path} is damaged${where}, or was made by a newer version.`, {
    hint: 'Repair it, or move it away and log in again: daytona login',
  })
}

export type Change = (config: Config) => Config | undefined | Promise<Config | undefined>

/**
 * Changes what is kept, alone: other processes wait. `change` sees the newest state and answers with the new one, or
 * undefined for no change.
 */
export async function updateConfig(terminal: Pick<Terminal, 'env'>, change: Change): Promise<void> {
  const directory = configDirectory(terminal)
  const release = await locked(directory)
  try {
    await changeAlone(terminal, change)
  } finally {
    await release()
  }
}

async function changeAlone(terminal: Pick<Terminal, 'env'>, change: Change): Promise<void> {
  const path = await targetOf(configPath(terminal))
  const cannotWrite = (cause: unknown): never => {
    throw new Failure(`cannot write ${path}: ${messageOf(cause)}`, { cause })
  }
  const config = await readConfig(terminal)
  const currentBytes = Buffer.byteLength(JSON.stringify(config, null, 2))
  const file = await prepareFile(path, { currentBytes }).catch(cannotWrite)
  try {
    const changed = await change(config)
    if (changed) await file.write(`${JSON.stringify(changed, null, 2)}\n`).catch(cannotWrite)
  } finally {
    await file.discard()
  }
}

async function locked(directory: string): Promise<() => Promise<void>> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    return await lockfile.lock(directory, {
      lockfilePath: join(directory, 'lock'),
      stale: STALE_MS,
      retries: {
        retries: PATIENCE_MS / POLL_MS,
        factor: 1,
        minTimeout: POLL_MS / 2,
        maxTimeout: POLL_MS,
        randomize: true,
      },
      // Whoever was suspended past the limit finds another holder. Every write is whole, and every user of a refresh
      // token looks again before believing that it is dead, so there is nothing to stop for.
      onCompromised: () => {},
    })
  } catch (error) {
    const hint =
      codeOf(error) === 'ELOCKED' ? 'Another daytona command is holding it; try again when it has ended.' : undefined
    throw new Failure(`cannot write to ${directory}: ${messageOf(error)}`, { hint, cause: error })
  }
}

/**
 * Removes other users' access, which an editor or a backup may have granted. Where the mode cannot be changed, as on a
 * mounted secret or a file of another user, the file is used as it is: its permissions are its owner's decision.
 */
async function restrictToOwner(path: string) {
  if (process.platform === 'win32') return
  const { mode } = await stat(path)
  if ((mode & 0o077) !== 0) await chmod(path, 0o600).catch(() => undefined)
}

/** The file that a symbolic link leads to, so that replacing the configuration keeps the link; a dangling link's target too. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const target = await readlink(path).catch(() => undefined)
    return target === undefined ? path : resolve(dirname(path), target)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Whatever is no JSON is refused as such, without quoting it: there are secrets in it.
    return undefined
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
