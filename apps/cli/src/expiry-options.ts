import { Option } from '@commander-js/extra-typings'
import { durationOption, endOption } from './parse.ts'

/** Creates the option for an expiry at an instant or a day. */
export const expiresAt = () =>
  new Option(
    '--expires-at <instant>',
    'expiry: 2027-12-31T23:59:59Z, or 2027-12-31 for the end of that day in your time zone',
  )
    .argParser(endOption)
    .conflicts('expiresIn')

/** Creates the option for an expiry after a time. */
export const expiresIn = () =>
  new Option('--expires-in <duration>', 'time until expiry, such as 30d').argParser(durationOption)
