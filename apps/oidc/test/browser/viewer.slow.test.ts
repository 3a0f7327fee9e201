import { after, describe, it } from 'node:test'
import { createOutdatedForms } from './outdated-forms.ts'

const { slow } = await createOutdatedForms({ after })

describe('a form whose page was opened for another account or session, after every other change', () => {
  for (const { title, test } of slow) {
    it(`is answered with a page that explains it, and changes nothing: ${title}`, test)
  }
})
