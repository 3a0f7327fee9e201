import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { openPlaces } from '../src/pages/places.ts'
import { locationDatabase } from './location-database.ts'

const VIENNA = { country: { iso_code: 'AT' }, city: { names: { en: 'Vienna', de: 'Wien' } } }
const path = await locationDatabase(
  { after },
  {
    '8.8.8.8': VIENNA,
    '8.8.4.4': { country: { iso_code: 'US' } },
    '9.9.9.9': { registered_country: { iso_code: 'CH' } },
    '9.9.9.10': { country: { iso_code: 'no code' } },
    '192.168.1.1': VIENNA,
  },
)

describe('the places of addresses', () => {
  it('are unknown without a database', async () => {
    assert.equal((await openPlaces(undefined)).placeOf('8.8.8.8', 'en'), undefined)
  })

  it('are in the language of the reader, and only of public addresses that the database has', async () => {
    const { placeOf } = await openPlaces(path)
    for (const [address, english, german] of [
      ['8.8.8.8', 'Vienna, Austria', 'Wien, Österreich'],
      ['8.8.4.4', 'United States', 'Vereinigte Staaten'],
      ['9.9.9.9', 'Switzerland', 'Schweiz'],
      ['9.9.9.10', undefined, undefined],
      ['1.1.1.1', undefined, undefined],
      ['192.168.1.1', undefined, undefined],
      ['2a00:1450::1', undefined, undefined],
      ['no address', undefined, undefined],
    ] as const) {
      assert.deepEqual([placeOf(address, 'en'), placeOf(address, 'de')], [english, german], address)
    }
  })

  it('end the start with one line if the file is missing or another one', async () => {
    for (const wrong of ['/nowhere', import.meta.filename]) {
      await assert.rejects(openPlaces(wrong), (error: Error) => {
        assert.equal(error.name, 'StartupError')
        assert.match(error.message, /^LOCATION_DATABASE must be the path of a readable MaxMind DB file: [^\n]+$/)
        return true
      })
    }
  })
})
