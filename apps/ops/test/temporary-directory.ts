import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scope } from '@daytona-auth/testing'

/** A directory that is removed after `scope`. */
export async function temporaryDirectory(scope: Scope): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-ops-'))
  scope.after(() => rm(directory, { recursive: true, force: true }))
  return directory
}
