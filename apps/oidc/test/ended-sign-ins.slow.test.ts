import { after, describe } from 'node:test'
import { createTests } from './ended-sign-ins/tests.ts'
import { createWorld } from './ended-sign-ins/world.ts'

const { origins, slow, beginsNothing, beginsOne } = createTests(await createWorld({ after }))

describe('a sign-in whose origin ends before its session is stored', () => {
  for (const one of slow) beginsNothing(one)
  for (const origin of origins) beginsOne(origin)
})
