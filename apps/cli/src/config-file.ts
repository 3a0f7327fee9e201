import { chmod, mkdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import envPaths from 'env-paths'
import lockfile from 'proper-lockfile'
import * as z from 'zod/mini'
import { prepareFile } from './atomic-file.ts'
import { Failure } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** A value for a header. Others are rejected here, because an error of `Headers` would quote them. */
const Secret = z.string().check(z.regex(/^[\x21-\x7e]+$/))

/** A stored credential: an API key, or the tokens of a session. */
const Credential = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('api-key'), key: Secret }),
  z.object({
    kind: z.literal('session'),
    issuer: z.string(),
    clientId: z.string(),
    /** E-mail address of the user, shown without a request. */
    email: z.nullable(z.string()),
    accessToken: Secret,
    refreshToken: Secret,
    /** Expiry of the access token by the local clock. */
    expiresAt: z.iso.datetime(),
  }),
])

/** A server and the credential for it. Members that newer versions added are kept. */
const Profile = z.looseObject({
  apiUrl: z.string(),
  organizationId: z.optional(z.string()),
  credential: z.optional(Credential),
})

const ConfigSchema = z.looseObject({
  version: z.literal(1),
  /** The profile in use if none is named. */
  current: z.optional(z.string()),
  profiles: z.record(z.string(), Profile),
})

export type Config = z.output<typeof ConfigSchema>
export type Profile = z.output<typeof Profile>
export type SessionCredential = Extract<z.output<typeof Credential>, { kind: 'session' }>

/** Age at which a lock is abandoned. Its holder updates it, so processes wait this long only after a crash. */
const STALE_MS = 10_000
const LOCK_TIMEOUT_MS = 45_000
const POLL_MS = 100

/** Returns the configuration directory: below `XDG_CONFIG_HOME`, or the platform's default. */
export function configDirectory({ env }: Pick<Terminal, 'env'>): string {
  const xdg = env['XDG_CONFIG_HOME']
  // XDG Base Directory Specification: relative paths are ignored.
  if (xdg && isAbsolute(xdg)) return join(xdg, 'daytona-auth')
  return envPaths('daytona-auth', { suffix: '' }).config
}

export const configPath = (terminal: Pick<Terminal, 'env'>): string => join(configDirectory(terminal), 'config.json')

/** Returns the profile of that name. Inherited members such as `constructor` are not profiles. */
export const getProfile = ({ profiles }: Config, name: string): Profile | undefined =>
  Object.hasOwn(profiles, name) ? profiles[name] : undefined

/** Returns the session of the profile, if it has one. */
export function getSession(config: Config, name: string): SessionCredential | undefined {
  const credential = getProfile(config, name)?.credential
  return credential?.kind === 'session' ? credential : undefined
}

/** Returns the configuration with the profile's credential replaced, or removed if it is undefined. */
export function withCredential(config: Config, name: string, credential: Profile['credential']): Config {
  const profile = getProfile(config, name)
  if (profile === undefined) return config
  const { credential: _former, ...rest } = profile
  return withProfile(config, name, credential === undefined ? rest : { ...rest, credential })
}

export const withProfile = (config: Config, name: string, profile: Profile): Config => ({
  ...config,
  profiles: { ...config.profiles, [name]: profile },
})

/**
 * Reads the configuration; it is empty if there is no file.
 * @throws Failure if the file cannot be read or is invalid. A damaged file is never overwritten.
 */
export async function readConfig(terminal: Pick<Terminal, 'env'>): Promise<Config> {
  const path = configPath(terminal)
  let text: string
  try {
    text = await readFile(path, 'utf8')
    await restrictToOwner(path)
  } catch (error) {
    if (getErrorCode(error) === 'ENOENT') return { version: 1, profiles: {} }
    throw new Failure(`cannot read ${path}: ${getErrorMessage(error)}`, { cause: error })
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
 * Changes the configuration under a lock; other processes wait. `change` receives the current state and returns the new
 * one, or undefined for no change.
 */
export async function updateConfig(terminal: Pick<Terminal, 'env'>, change: Change): Promise<void> {
  const directory = configDirectory(terminal)
  const release = await acquireLock(directory)
  try {
    await updateLocked(terminal, change)
  } finally {
    await release()
  }
}

async function updateLocked(terminal: Pick<Terminal, 'env'>, change: Change): Promise<void> {
  const path = await resolveSymlink(configPath(terminal))
  const cannotWrite = (cause: unknown): never => {
    throw new Failure(`cannot write ${path}: ${getErrorMessage(cause)}`, { cause })
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

async function acquireLock(directory: string): Promise<() => Promise<void>> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    return await lockfile.lock(directory, {
      lockfilePath: join(directory, 'lock'),
      stale: STALE_MS,
      retries: {
        retries: LOCK_TIMEOUT_MS / POLL_MS,
        factor: 1,
        minTimeout: POLL_MS / 2,
        maxTimeout: POLL_MS,
        randomize: true,
      },
      // A process that was suspended past the limit loses the lock. Writes are atomic, and a process reads the file
      // again before it reports that a session has ended, so nothing has to be aborted.
      onCompromised: () => {},
    })
  } catch (error) {
    const hint =
      getErrorCode(error) === 'ELOCKED'
        ? 'Another daytona command holds the lock. Try again when it has finished.'
        : undefined
    throw new Failure(`cannot write to ${directory}: ${getErrorMessage(error)}`, { hint, cause: error })
  }
}

/**
 * Removes other users' access, which an editor or a backup may have granted. If the mode cannot be changed, as of a
 * mounted secret or another user's file, the file is used as it is.
 */
async function restrictToOwner(path: string) {
  if (process.platform === 'win32') return
  const { mode } = await stat(path)
  if ((mode & 0o077) !== 0) await chmod(path, 0o600).catch(() => undefined)
}

/** Resolves a symbolic link, dangling ones included, so that replacing the file keeps the link. */
async function resolveSymlink(path: string): Promise<string> {
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
    // The schema rejects it. The parser's error would quote the text, which contains secrets.
    return undefined
  }
}

const getErrorCode = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
const getErrorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error))
