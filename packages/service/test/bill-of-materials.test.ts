import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { addToBillOfMaterials, BILL_OF_MATERIALS, packageUrl } from '../bill-of-materials.ts'

it('the list of packages of a bundle contains those beside it, by their package URL', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bill-of-materials-'))
  t.after(() => rm(folder, { recursive: true }))
  const path = join(folder, BILL_OF_MATERIALS)
  const inside = { type: 'library', name: 'postgres', version: '3.4.9', purl: 'pkg:npm/postgres@3.4.9' }
  await writeFile(path, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [inside] }))
  await addToBillOfMaterials(folder, [{ name: '@node-rs/argon2', version: '2.2.1' }])
  assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    components: [
      inside,
      {
        type: 'library',
        name: '@node-rs/argon2',
        version: '2.2.1',
        'bom-ref': 'pkg:npm/%40node-rs/argon2@2.2.1',
        purl: 'pkg:npm/%40node-rs/argon2@2.2.1',
      },
    ],
  })
  assert.equal(packageUrl({ name: 'a', version: '1.0.0+build' }), 'pkg:npm/a@1.0.0%2Bbuild')
})
