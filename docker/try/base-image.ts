import { execFile } from 'node:child_process'
import { chmod, copyFile, cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Buildah } from './buildah.ts'

const run = promisify(execFile)

const SUITE = 'bookworm'
/** The Debian packages of the real image that a build or a server uses. */
const PACKAGES =
  'base-files,base-passwd,dash,coreutils,findutils,grep,sed,tar,apt,dpkg,libc6,libstdc++6,libgcc-s1,libatomic1'
const LISTS = '/var/lib/apt/lists'

/**
 * Creates a substitute for the Node image `tag`, unless an earlier run created it: Debian's packages without their scripts,
 * this repository's Node and this machine's npm, at the paths of the real image.
 * @returns whether it existed
 */
export async function ensureBaseImage(buildah: Buildah, tag: string, cache: string): Promise<boolean> {
  const known = await buildah.run('inspect', '--type=image', tag).catch(() => undefined)
  if (known !== undefined) return true
  const root = await mkdtemp(join(cache, 'base-'))
  try {
    await debian(root)
    await nodeAndNpm(root)
    const container = await buildah.run('from', 'scratch')
    await buildah.run('add', '--quiet', container, root, '/')
    await buildah.run('config', '--env=PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin', container)
    await buildah.run('commit', '--quiet', '--format=docker', '--rm', container, tag)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
  return false
}

async function debian(root: string) {
  const flags = ['--quiet', '--mode=root', '--variant=extract', `--include=${PACKAGES}`, '--format=directory']
  const merged = '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr'
  // Copying this machine's package lists saves most of the download. Outdated lists name files that no longer exist.
  const known = ['--skip=update', `--setup-hook=cp -a ${LISTS}/. "$1"${LISTS}/`]
  const hasLists = (await readdir(LISTS).catch(() => [])).some((name) => name.endsWith('InRelease'))
  const attempts = hasLists ? [known, []] : [[]]
  for (const [at, extra] of attempts.entries()) {
    try {
      await run('mmdebstrap', [...flags, merged, ...extra, SUITE, root], { maxBuffer: 1 << 26 })
      break
    } catch (error) {
      if (at === attempts.length - 1) throw error
      await rm(root, { recursive: true, force: true })
    }
  }
  // Created by the package's scripts otherwise.
  for (const name of ['passwd', 'group']) {
    await copyFile(join(root, `usr/share/base-passwd/${name}.master`), join(root, `etc/${name}`))
  }
  await chmod(root, 0o755)
}

async function nodeAndNpm(root: string) {
  const { stdout } = await run('sh', ['-c', 'readlink -f "$(command -v npm)"'])
  const local = join(root, 'usr/local')
  await cp(join(dirname(stdout.trim()), '..'), join(local, 'lib/node_modules/npm'), { recursive: true })
  await run('mkdir', ['-p', join(local, 'bin')])
  for (const name of ['npm', 'npx']) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name))
  }
  await copyFile(process.execPath, join(local, 'bin/node'))
  await chmod(join(local, 'bin/node'), 0o755)
}
