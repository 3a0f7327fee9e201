import { HIDING_CHARACTERS } from '@daytona-auth/protocol/names'

/** All but the joiner and the variation selector of emoji sequences. */
const HIDING = new RegExp(`[[${HIDING_CHARACTERS}]--[\\u200d\\ufe0f]]+`, 'gv')

/**
 * Returns a name as pages and mails show it: as text that no mail program turns into a link. Mail programs link any host, URL
 * or address, so a dot or colon within a word is put into brackets, as in security notices (`example[.]com`). Invisible
 * and text direction characters become a space, because names from before they were refused may have some. Emoji
 * sequences are unchanged.
 */
export const shownName = (name: string): string =>
  name
    .replace(HIDING, ' ')
    .replace(/(?<=\S)[.\u3002\uff0e\uff61](?=\S)/gu, '[.]')
    .replace(/:(?=\S)/gu, '[:]')
    .trim()

/** Returns a name for a sentence of a mail: between quotes that it cannot close. */
export const quotedName = (name: string): string => `“${shownName(name).replace(/["“”„‟«»]/gu, "'")}”`
