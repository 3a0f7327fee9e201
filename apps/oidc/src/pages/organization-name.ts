import { shownName } from '@daytona-auth/accounts/shown-name'
import type { Message } from './language.ts'

/** The name that sign-up gives to each personal organization. */
const PERSONAL = 'Personal'

/** Returns the name of an organization as a text of a page. That of a personal one is our own word, unless it was renamed. */
export const showOrganizationName = ({
  name,
  personal,
}: {
  readonly name: string
  readonly personal: boolean
}): Message => (personal && name === PERSONAL ? PERSONAL : { text: shownName(name) })
