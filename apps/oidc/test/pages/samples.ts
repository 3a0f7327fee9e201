import type { ShownClient } from '../../src/pages/client.ts'
import type { Pages } from '../../src/pages/pages.ts'

/** Marks a value of a sample, so that it is not taken for text of the page. */
export const value = (name: string): string => `‹${name}›`

/** The text of a page without the values of its sample. */
export const withoutValues = (text: string): string => text.replaceAll(/‹[^›]*›/g, '')

export const BRAND = value('brand')

/** Contents of pages, so that each branch of each template is rendered at least once. */
export const SAMPLES: { readonly [Name in keyof Pages]?: readonly Pages[Name][] } = {
  'sign-in': [
    { ...form(), ...signIn(), problem: 'That email address and password do not match an account.' },
    { ...form(), ...signIn(), again: true, problem: minutes(1) },
    { ...form(), ...signIn(), connecting: { label: value('upstream'), email: value('email'), decline: '/decline' } },
  ],
  error: [
    { heading: 'Nothing here', sentence: 'This page does not exist.' },
    {
      heading: 'This link does not work any more',
      sentence: 'It was already used, has expired, or was replaced by a newer mail.',
      advice: 'Request a new one in the dashboard.',
      code: value('code'),
      description: value('description'),
      reference: value('reference'),
    },
  ],
}

function form() {
  return { action: '/action', csrf: 'csrf' }
}

function signIn() {
  return {
    client: client(),
    email: value('email'),
    again: false,
    cancel: '/cancel',
    signUp: '/sign-up',
    recovery: '/recovery',
    passkeyOptions: value('options'),
    passkey: '/passkey',
    back: '/back',
    upstreams: [{ label: value('upstream'), action: '/upstream' }],
  }
}

function client(facts: Partial<ShownClient> = {}): ShownClient {
  return {
    name: value('client'),
    letter: '‹C›',
    firstParty: false,
    native: false,
    homepage: undefined,
    host: value('host'),
    selfRegistered: undefined,
    ...facts,
  }
}

function minutes(count: number) {
  return {
    sentence: 'Too many attempts. Try again in {minutes, plural, one {# minute} other {# minutes}}.',
    values: { minutes: count },
  } as const
}
