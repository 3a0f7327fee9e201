/**
 * Returns a name that somebody chose as pages and mails show it: as text that nothing turns into a link. Mail programs
 * link what looks like a host, a URL or an address, so a dot or colon within a word is put into brackets, as security
 * notices write it (`example[.]com`). Invisible characters and those of text direction become a space: names from before
 * they were refused may have some. Emoji sequences stay whole.
 */
export const shownName = (name: string): string =>
  name
    .replace(/[[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]--[\u200d\ufe0f]]+/gv, ' ')
    .replace(/(?<=\S)[.\u3002\uff0e\uff61](?=\S)/gu, '[.]')
    .replace(/:(?=\S)/gu, '[:]')
    .trim()

/** A name within a sentence of a mail: between quotes that it cannot close. */
export const quotedName = (name: string): string => `“${shownName(name).replace(/["“”„‟«»]/gu, "'")}”`
