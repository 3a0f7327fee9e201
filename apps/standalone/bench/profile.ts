import { glob, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** The part of the output of `node --cpu-prof` that is read. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
}

/** Lists the functions with the largest shares of the samples in which the server was not idle, as printable lines. */
export async function listHottestFunctions(directory: string, count: number): Promise<string[]> {
  const [file] = await Array.fromAsync(glob('*.cpuprofile', { cwd: directory }))
  if (file === undefined) throw new Error(`there is no profile in ${directory}`)
  const { nodes, samples } = JSON.parse(await readFile(join(directory, file), 'utf8')) as CpuProfile

  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const busy = samples.map((id) => names.get(id) ?? '').filter((name) => name !== '(idle)')
  return [...Map.groupBy(busy, (name) => name)]
    .map(([name, taken]) => ({ name, share: taken.length / busy.length }))
    .sort((left, right) => right.share - left.share)
    .slice(0, count)
    .map(({ name, share }) => `${(share * 100).toFixed(1).padStart(6)} %  ${name}`)
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = (functionName || '(anonymous)').slice(0, 60)
  return url === '' ? name : `${name} ${url.startsWith('node:') ? url : basename(url)}:${lineNumber + 1}`
}
