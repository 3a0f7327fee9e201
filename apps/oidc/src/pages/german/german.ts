import { GERMAN as ACCOUNTS } from '@daytona-auth/accounts/language/german'
import { ACCOUNT } from './account.ts'
import { ACCOUNT_CHANGES } from './account-changes.ts'
import { ACCOUNT_EVENTS } from './account-events.ts'
import { CONSENT } from './consent.ts'
import { DEVICE } from './device.ts'
import { ERRORS } from './errors.ts'
import { FACTORS } from './factors.ts'
import { LAYOUT } from './layout.ts'
import { MAILED_LINKS } from './mailed-links.ts'
import { SIGN_IN } from './sign-in.ts'
import { SIGN_IN_PROBLEMS } from './sign-in-problems.ts'
import { SIGN_OUT } from './sign-out.ts'

/** The parts of the catalogue, by the file. A sentence that several pages have is in one of them only. */
export const PARTS = {
  accounts: ACCOUNTS,
  layout: LAYOUT,
  errors: ERRORS,
  'sign-in': SIGN_IN,
  'sign-in-problems': SIGN_IN_PROBLEMS,
  'sign-out': SIGN_OUT,
  consent: CONSENT,
  device: DEVICE,
  'mailed-links': MAILED_LINKS,
  account: ACCOUNT,
  factors: FACTORS,
  'account-changes': ACCOUNT_CHANGES,
  'account-events': ACCOUNT_EVENTS,
} as const

type Part = (typeof PARTS)[keyof typeof PARTS]

/** A sentence of the pages, in English. */
export type Sentence = Part extends infer Each ? (Each extends unknown ? keyof Each : never) : never

/** The German sentences of the pages, by the English ones. */
export const GERMAN = Object.assign({}, ...Object.values(PARTS)) as Readonly<Record<Sentence, string>>
