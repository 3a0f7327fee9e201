import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { appScene, checkAppKind, KINDS } from './app-scene.ts'

const { database } = await testDatabase({ after })
const scene = await appScene(database)

describe('an organization decides about an app, under each policy, for its tokens, child keys and APIs', () => {
  for (const [what, kind] of Object.entries(KINDS)) it(`an app ${what}`, () => checkAppKind(scene, kind))
})
