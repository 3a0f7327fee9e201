import { after, describe } from 'node:test'
import { selectCases, stepTests } from './authority/tests.ts'
import { createWorld } from './authority/world.ts'

const world = await createWorld({ after })
const test = stepTests(world)
const { steps, slow } = selectCases(world)

describe(`every other ending of ${steps.length} steps of the provider`, () => {
  slow.beforeLastByte.forEach(test.isRefusedBeforeLastByte)
  slow.behindLock.forEach(test.isRefusedBehindLock)
})
