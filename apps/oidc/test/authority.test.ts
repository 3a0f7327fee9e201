import { after, describe } from 'node:test'
import { selectCases, stepTests } from './authority/tests.ts'
import { createWorld } from './authority/world.ts'

const world = await createWorld({ after })
const test = stepTests(world)
const { steps, quick } = selectCases(world)

describe(`a step of the provider (${steps.length} steps)`, () => {
  for (const [step, { prepare }] of steps) test.succeeds(step, prepare)
  quick.beforeLastByte.forEach(test.isRefusedBeforeLastByte)
  quick.behindLock.forEach(test.isRefusedBehindLock)
})
