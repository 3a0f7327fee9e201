import { after, describe } from 'node:test'
import { createTests } from './ended-sign-ins/tests.ts'
import { createWorld } from './ended-sign-ins/world.ts'

const { quick, beginsNothing } = createTests(await createWorld({ after }))

describe('a sign-in whose origin ends before its session is stored', () => {
  for (const one of quick) beginsNothing(one)
})
