/** The product, whose name begins those of our own apps: see `firstPartyClients` of the provider. */
const PRODUCT = 'daytona'

/**
 * Letters that look like those of the product's name (Unicode TS #39, confusables of the letters that it has), besides what
 * NFKD takes apart: accents, full-width and mathematical letters.
 */
const LOOKALIKES: Readonly<Record<string, string>> = {
  a: 'аɑαаᗅꓮᎪ⍺ᴀ@4',
  d: 'ԁɗᏧᑯꓒđðᴅⅾᗞꓓᎠ',
  i: 'іɩιӏı',
  n: 'ոռпηɴꓠΝ',
  o: 'оοօσօᴏ0ѳɵøဝ০๐௦ഠംꓳ',
  t: 'тτᴛꓔᎢŧ',
  y: 'уүγʏყỿꓬΥ',
}

const LETTERS = new Map(Object.entries(LOOKALIKES).flatMap(([letter, like]) => [...like].map((one) => [one, letter])))

const toLatin = (text: string): string => [...text].map((character) => LETTERS.get(character) ?? character).join('')

/** What a reader sees of a name: lower case, without accents, spaces and punctuation, lookalikes as their Latin letter. */
function skeleton(name: string): string {
  // Capitals first: a Greek capital upsilon looks like another letter than its small form.
  const latin = toLatin(toLatin(name.normalize('NFKD')).toLowerCase().normalize('NFKD'))
  return latin.replace(/[^\p{L}\p{N}]/gu, '')
}

/** Whether an app of this name would look like one of ours: by case, spacing, accents or lookalikes. */
export const looksLikeOurs = (name: string): boolean => skeleton(name).includes(PRODUCT)
