/** The product's name, with which those of our own apps begin: see `firstPartyClients` of the provider. */
const PRODUCT = 'daytona'

/**
 * Letters that look like those of the product's name (Unicode TS #39, confusables). NFKD handles accents, full-width and
 * mathematical letters.
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

/** Reduces a name to its appearance: lower case, no accents, spaces or punctuation, lookalikes as their Latin letter. */
function skeleton(name: string): string {
  // Capitals first: Greek capital upsilon resembles another letter than its small form.
  const latin = toLatin(toLatin(name.normalize('NFKD')).toLowerCase().normalize('NFKD'))
  return latin.replace(/[^\p{L}\p{N}]/gu, '')
}

/** Whether a name contains the product's, ignoring case, spacing, accents and lookalike letters. */
export const looksLikeOurs = (name: string): boolean => skeleton(name).includes(PRODUCT)

/** A shorter name of an installation is part of many words, so that only the whole name is reserved. */
const MIN_PART = 4

/**
 * Returns why an app or API of others may not have a name: it contains the name of the installation, or looks like it.
 * Undefined if it may. `GivenName` of registrations refuses the product's name itself.
 */
export function installationNameProblem(name: string, brand: string): string | undefined {
  const [given, ours] = [skeleton(name), skeleton(brand)]
  const isOurs = ours.length < MIN_PART ? given === ours : given.includes(ours)
  return isOurs ? `must not contain "${brand}" or look like it: that is how our own apps are named` : undefined
}
