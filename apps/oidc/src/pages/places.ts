import { readFile } from 'node:fs/promises'
import type { Language } from '@daytona-auth/accounts/language/language'
import { isPublic, StartupError } from '@daytona-auth/service'
import { type CityResponse, Reader } from 'mmdb-lib'

/** Finds where the networks of addresses are. */
export interface Places {
  /** Returns a place in words, such as `Munich, Germany`; undefined for an address that is not public, or is not in the database. */
  placeOf(address: string, language: Language): string | undefined
}

const NOWHERE: Places = { placeOf: () => undefined }

/**
 * Reads the database of places in the MaxMind DB format at `path`. Without a path, no place is known.
 * @throws StartupError with one line if the file cannot be read
 */
export async function openPlaces(path: string | undefined): Promise<Places> {
  if (path === undefined) return NOWHERE
  const database = await readDatabase(path)
  return {
    placeOf(address, language) {
      if (!isPublic(address)) return undefined
      try {
        const found = database.get(address)
        const parts = [found?.city?.names[language] ?? found?.city?.names.en, countryOf(found, language)]
        return parts.filter(Boolean).join(', ') || undefined
      } catch {
        // An IPv6 address in a database of IPv4, or a record that is damaged: the page shows the address alone.
        return undefined
      }
    },
  }
}

async function readDatabase(path: string): Promise<Reader<CityResponse>> {
  try {
    return new Reader<CityResponse>(await readFile(path))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartupError(`LOCATION_DATABASE must be the path of a readable MaxMind DB file: ${reason}`)
  }
}

function countryOf(found: CityResponse | null, language: Language): string | undefined {
  // Networks of a company are registered where it has its seat, and may be used elsewhere.
  const code = (found?.country ?? found?.registered_country)?.iso_code
  return code && new Intl.DisplayNames([language], { type: 'region' }).of(code)
}
