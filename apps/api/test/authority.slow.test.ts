import { after, describe, it } from 'node:test'
import { isQuick, listCases } from './authority/endings.ts'
import { createRequests } from './authority/requests.ts'
import { BODIES } from './writing-scene.ts'

const { writing, holdBack, waitForLock } = await createRequests({ after })

for (const [place, route] of writing.entries()) {
  describe(`every other ending of ${route.method} ${route.template}`, () => {
    for (const kind of ['token', 'key'] as const) {
      const cases = listCases(route, kind)
      for (const one of cases.filter((_case, index) => !isQuick(place, index, cases.length))) {
        it(`is refused when ${one.name} before the last byte of the body (${kind})`, () => holdBack(one))
        if (!(`${route.method} ${route.template}` in BODIES)) continue
        it(`writes nothing when ${one.name} while it waits for a lock (${kind})`, () => waitForLock(one))
      }
    }
  })
}
