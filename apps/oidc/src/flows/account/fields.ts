import { NAME_UNITS } from '@daytona-auth/accounts/given-name'
import { boundedText } from '@daytona-auth/service'
import { z } from 'zod'

/** A longer or repeated value counts as empty: none of an account is that long. */
const text = (max: number) => boundedText({ max }).catch('')

/** The fields of all forms of the account pages. */
export const AccountFields = z.object({
  csrf: text(256),
  name: text(NAME_UNITS),
  language: text(64),
  time_zone: text(64),
  email: text(512),
  password: text(4096),
  new_password: text(4096),
  session: text(128),
  client: text(128),
  issuer: text(512),
  organization: text(64),
  decision: text(16),
  code: text(64),
  set_up: text(1024),
  browser: text(64),
  passkey: text(2048),
  response: text(16_384),
})

/** `done` names the change that a redirect reports, `error` a cancelled sign-in. */
export const AccountQuery = z.object({ done: text(32), error: text(64) })

/** The position after which a page of the security history begins. */
export const HistoryQuery = z.object({ at: text(18), id: text(64) })
