import { PASSWORD, type Person } from '../fixture.ts'
import { type Answer, inputOf, type Visitor } from './visitor.ts'

/** Opens the device page and submits a user code. Ends at the page that asks to confirm the device. */
export async function enterCode(visit: Visitor, userCode: string): Promise<Answer> {
  const form = await visit.get('/oauth/device')
  return visit.post('/oauth/device', { xsrf: inputOf(form, 'xsrf'), user_code: userCode })
}

/** Confirms that the codes match. Ends at the sign-in page, or at the consent page if signed in. */
export async function confirmCode(visit: Visitor, userCode: string): Promise<Answer> {
  const question = await enterCode(visit, userCode)
  const fields = { xsrf: inputOf(question, 'xsrf'), user_code: inputOf(question, 'user_code'), confirm: 'yes' }
  return visit.follow(await visit.post('/oauth/device', fields))
}

/** Signs in where required. Ends at the consent page. */
export async function arriveAtConsent(visit: Visitor, userCode: string, { email }: Person): Promise<Answer> {
  const page = await confirmCode(visit, userCode)
  if (page.html.includes('name="decision"')) return page
  return answerPage(visit, page, 'sign-in', { email, password: PASSWORD })
}

/** Submits the form of an interaction page. */
export async function answerPage(
  visit: Visitor,
  page: Answer,
  form: 'sign-in' | 'consent' | 'cancel',
  fields: Record<string, string | string[]>,
): Promise<Answer> {
  const uid = /\/oauth\/interaction\/([^/"]+)/.exec(page.html)?.[1]
  const csrf = inputOf(page, 'csrf')
  return visit.follow(await visit.post(`/oauth/interaction/${uid}/${form}`, { csrf, ...fields }))
}

/** Allows or denies a device's request as a person with a browser. */
export async function answerDevice(
  visit: Visitor,
  userCode: string,
  person: Person,
  fields: Record<string, string | string[]> = { decision: 'allow' },
): Promise<Answer> {
  return answerPage(visit, await arriveAtConsent(visit, userCode, person), 'consent', fields)
}
