import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CarriedPackage } from './native-packages.ts'

/** The name of the list of packages in a bundle (CycloneDX, JSON). */
export const BILL_OF_MATERIALS = 'sbom.cdx.json'

/** A package by its package URL (purl-spec): the slash of a scope stays, its `@` does not. */
export const packageUrl = ({ name, version }: CarriedPackage): string =>
  `pkg:npm/${name.replace(/^@/, '%40')}@${version.replaceAll('+', '%2B')}`

/** Adds packages to the list that esbuild's plugin wrote, which contains only what is inside the bundle. */
export async function addToBillOfMaterials(dist: string, packages: readonly CarriedPackage[]): Promise<void> {
  const path = join(dist, BILL_OF_MATERIALS)
  const document: { components?: object[] } = JSON.parse(await readFile(path, 'utf8'))
  const added = packages.map((carried) => ({
    type: 'library',
    name: carried.name,
    version: carried.version,
    'bom-ref': packageUrl(carried),
    purl: packageUrl(carried),
  }))
  const components = [document.components ?? [], added].flat()
  await writeFile(path, JSON.stringify({ ...document, components }))
}
