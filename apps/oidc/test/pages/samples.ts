import { scopeNames } from '@daytona-auth/protocol/scopes'
import type { ShownClient } from '../../src/pages/client.ts'
import type { Pages } from '../../src/pages/pages.ts'
import { chooseScopes, showScopes } from '../../src/pages/scopes.ts'

/** Marks a value of a sample, so that it is not taken for text of the page. */
export const value = (name: string): string => `‹${name}›`

/** The text of a page without the values of its sample. */
export const withoutValues = (text: string): string => text.replaceAll(/‹[^›]*›/g, '')

export const BRAND = value('brand')

const AT = '2026-03-05T14:05:00.000Z'

/** Contents of pages, so that each branch of each template is rendered at least once. */
export const SAMPLES: { readonly [Name in keyof Pages]: readonly Pages[Name][] } = {
  'sign-in': [
    { ...form(), ...signIn(), problem: 'That email address and password do not match an account.' },
    { ...form(), ...signIn(), again: true, problem: minutes(1) },
    {
      ...form(),
      ...signIn(),
      organization: '/organization',
      required: value('upstream'),
      problem: {
        sentence: 'Your organization requires that you sign in with {upstream}.',
        values: { upstream: value('upstream') },
      },
    },
    { ...form(), ...signIn(), connecting: { label: value('upstream'), email: value('email'), decline: '/decline' } },
  ],
  'sign-up': [signUp(), { ...signUp(), problem: 'There is a problem', wrong: wrong() }],
  consent: [
    { ...consent(), client: client({ firstParty: true, native: true }), scopes: scopes() },
    { ...consent(), client: client({ firstParty: true }), scopes: scopes(), forDevice: true },
    { ...consent(), client: client({ selfRegistered: { host: value('host') } }), choices: choices(), hadAccess: true },
    { ...consent(), client: client({ selfRegistered: { host: undefined }, host: undefined }), choices: choices() },
    {
      ...consent(),
      client: client({ host: undefined }),
      forDevice: true,
      outlivesSession: true,
      hadAccess: true,
      choices: choices().map((choice) => ({ ...choice, isNew: false })),
      organizations: organizations(),
      problem: 'Choose at least one organization, or deny access.',
    },
    { ...consent(), enrollment: undefined, organizations: organizations(), choices: choices() },
    { ...consent(), find: value('find') },
    { ...consent(), find: value('find'), organizations: [] },
    { ...consent(), resource: resource(true) },
    { ...consent(), resource: resource(false) },
  ],
  invitation: [{ ...mailed(), ...invitation(), takeOver: '/take-over', problem: minutes(2) }],
  'invitation-sign-up': [
    { ...mailed(), ...invitation(), name: '', required: undefined, wrong: {} },
    { ...mailed(), ...invitation(), name: '', required: value('upstream'), wrong: {} },
    { ...mailed(), ...invitation(), name: '', required: undefined, problem: 'There is a problem', wrong: wrong() },
  ],
  'invitation-redeemed': [true, false].map((isNew) => ({ ...invitation(), isNew })),
  'email-verification': [
    { ...mailed(), takeOver: '/', problem: 'That password does not match an account with this address.' },
  ],
  'email-verified': [{ email: value('email') }],
  'take-over': [
    { ...mailed(), name: '', required: value('upstream'), wrong: {} },
    { ...mailed(), name: '', required: undefined, problem: 'There is a problem', wrong: wrong() },
  ],
  'taken-over': [{ email: value('email') }],
  recovery: [true, false].map((sendsMail) => ({ ...mailed(), problem: minutes(2), sendsMail })),
  'recovery-sent': [{ email: value('email') }],
  'new-password': [
    { ...mailed(), required: value('upstream') },
    { ...mailed(), required: undefined, problem: 'Use at least 12 characters.' },
  ],
  recovered: [0, 1, 2].map((keys) => ({ email: value('email'), keys })),
  'key-revocation': [1, 2].map((keys) => ({ ...mailed(), keys })),
  'keys-revoked': [1, 2].map((keys) => ({ keys })),
  'factor-reset': [true, false].map((sendsMail) => ({ ...mailed(), sendsMail, hours: 72 })),
  'factor-reset-link': [
    { ...mailed(), step: 'start', hours: 72, endsAt: undefined },
    { ...mailed(), step: 'start', hours: 72, endsAt: AT },
    { ...mailed(), step: 'cancel', hours: 72, endsAt: AT },
  ],
  'factor-reset-answered': (['sent', 'started', 'cancelled'] as const).map((answer) => ({
    answer,
    email: value('email'),
    endsAt: AT,
  })),
  account: [
    { ...account(), ...profile(), emailVerified: true, wrong: {} },
    {
      ...account(),
      ...profile(),
      emailVerified: false,
      problem: 'There is a problem',
      wrong: {
        name: 'Enter your name, in at most 128 characters.',
        language: 'Choose a language from the list.',
        time_zone: 'Choose a time zone from the list.',
      },
      done: 'Your name was changed.',
    },
  ],
  'account-email': [
    { ...account(), newEmail: '', needsApproval: true, sendsMail: false, pending: undefined },
    ...[true, false].map((isConfirmed) => ({
      ...account(),
      problem: 'This is the address of your account.' as const,
      newEmail: value('new'),
      needsApproval: isConfirmed,
      sendsMail: true,
      pending: { newEmail: value('new'), isNewConfirmed: isConfirmed, isApproved: isConfirmed },
    })),
  ],
  'email-change': (['current', 'new'] as const).flatMap((side) =>
    [true, false].map((isConfirmed) => ({ ...mailed(), side, newEmail: value('new'), isConfirmed })),
  ),
  'email-change-answered': (['waiting', 'changed', 'cancelled'] as const).map((answer) => ({
    answer,
    newEmail: value('new'),
  })),
  'account-password': [
    { ...account(), wrong: {} },
    {
      ...account(),
      problem: 'There is a problem',
      wrong: { password: 'This is not your current password.', new_password: 'This password is too long.' },
    },
  ],
  'second-factor': (['totp', 'passkey', 'recovery-code'] as const).map((method) => ({
    ...form(),
    ticket: 'ticket',
    method,
    trusts: true,
    client: client(),
    cancel: '/cancel',
    hasApp: method !== 'passkey',
    passkeyOptions: method === 'recovery-code' ? undefined : value('options'),
    lost: '/lost',
    problem: 'That code is wrong, or was used already. Wait for the next code of your app.',
  })),
  passkey: [{ ...form(), options: '', client: client(), signIn: '/', cancel: '/', problem: minutes(3) }],
  'account-passkeys': [
    {
      ...account(),
      options: '',
      passkeys: [true, false].map((isSynchronized) => ({
        id: 'id',
        browser: 'Unknown browser',
        isSynchronized,
        createdAt: AT,
        lastUsedAt: isSynchronized ? AT : undefined,
      })),
    },
  ],
  'account-factors': [
    ...[0, 1, 2].map((recoveryCodes) => ({
      ...account(),
      totpSince: AT,
      hasPasskeys: false,
      passkeys: '/',
      recoveryCodes,
      browsers: [{ id: 'id', browser: browser(), trustedAt: AT, expiresAt: AT }],
      setUp: '/',
      removedAt: AT,
    })),
    ...[true, false].map((hasPasskeys) => ({
      ...account(),
      totpSince: undefined,
      hasPasskeys,
      passkeys: '/',
      recoveryCodes: 0,
      browsers: [],
      setUp: '/',
      removedAt: undefined,
    })),
  ],
  'account-sign-ins': [
    { ...account(), identities: [], offered: [value('upstream')], hasPassword: false, recovery: '/' },
    {
      ...account(),
      identities: [
        {
          field: 'organization',
          value: 'organization',
          label: value('upstream'),
          isOffered: false,
          awaitsMembership: true,
          detail: value('email'),
          linkedAt: AT,
          lastUsedAt: AT,
        },
      ],
      offered: [],
      hasPassword: true,
      recovery: '/',
      problem: 'This is your only way to sign in. Choose a password first.',
      done: 'You cannot sign in with it any more.',
    },
  ],
  enrollment: [true, false].map((isForApp) => ({
    ...form(),
    ...totpSetUp(),
    ticket: 'ticket',
    client: client(),
    cancel: '/cancel',
    isForApp,
    isRequired: isForApp,
    passkeyOptions: value('options'),
    problem: minutes(1),
  })),
  'enrollment-codes': [{ codes: [value('code')], client: client(), next: '/next' }],
  'account-totp': [{ ...account(), ...totpSetUp(), back: '/' }],
  'account-recovery-codes': [{ ...account(), codes: [value('code')], back: '/' }],
  'account-sessions': [
    {
      ...account(),
      sessions: [true, false].map((isCurrent) => ({
        id: 'id',
        isCurrent,
        browser: browser(),
        address: { sentence: 'your current address, {address}', values: { address: value('address') } } as const,
        lastSeenAt: AT,
        apps: [value('app')],
      })),
    },
  ],
  'account-apps': [
    { ...account(), apps: [] },
    {
      ...account(),
      apps: [null, [], ['Personal' as const, { text: value('organization') }]].map((among) => ({
        clientId: 'id',
        name: value('app'),
        firstParty: among === null,
        scopes: scopes(),
        organizations: among,
        authorizedAt: AT,
        lastSeenAt: among === null ? AT : undefined,
      })),
    },
  ],
  'account-history': [
    { ...account(), events: [], older: undefined },
    {
      ...account(),
      events: [true, false].map((isRefused) => ({
        what: 'Name changed',
        isRefused,
        app: value('app'),
        isDenied: isRefused,
        at: AT,
        browser: browser(),
        address: { sentence: 'a private network, {address}', values: { address: value('address') } } as const,
      })),
      older: '/',
    },
  ],
  'account-deletion': [
    { ...account(), keys: 1, deleted: [named()], left: [named()], blocking: [] },
    { ...account(), keys: 2, deleted: [], left: [], blocking: [], problem: 'Choose the button “Delete account”.' },
    { ...account(), keys: 0, deleted: [], left: [], blocking: [named()] },
  ],
  'account-deleted': [{ email: value('email') }],
  'switch-account': [{ action: '/', xsrf: 'xsrf' }],
  'device-code': [{ action: '/', xsrf: 'xsrf', userCode: '', problem: 'Enter the code that your device shows.' }],
  'device-confirmation': [true, false].map((firstParty) => ({
    action: '/',
    xsrf: 'xsrf',
    userCode: value('code'),
    address: value('address'),
    userAgent: value('program'),
    client: client({ firstParty }),
    scopes: scopes(),
  })),
  'device-answered': [
    { allowed: true, clientName: value('client') },
    { allowed: true, clientName: undefined },
    { allowed: false, clientName: undefined },
  ],
  'sign-out': [value('client'), undefined].map((clientName) => ({ action: '/', xsrf: 'xsrf', clientName })),
  'signed-out': [
    { clientName: value('client'), back: { href: '/', host: value('host') } },
    { clientName: undefined, back: { href: '/', host: undefined } },
  ],
  leave: [value('host'), undefined].map((host) => ({
    refresh: '/',
    clientName: undefined,
    back: { href: '/', host },
  })),
  error: [
    { heading: 'Nothing here', sentence: 'This page does not exist.' },
    {
      heading: 'This link does not work any more',
      sentence: 'It was already used, has expired, or was replaced by a newer mail.',
      advice: 'Request a new one in the dashboard.',
      code: value('code'),
      description: value('description'),
      reference: value('reference'),
      back: { href: '/', host: undefined, label: 'Go back to your account', fields: { error: 'denied' } },
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
    decision: 'enroll',
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

function signUp() {
  return {
    ...form(),
    client: client(),
    email: value('email'),
    name: value('name'),
    wrong: {},
    cancel: '/',
    signIn: '/',
  }
}

function wrong() {
  return {
    name: 'Enter your name, in at most 128 characters.',
    email: 'There is already an account with this address.',
    password: 'This password is too long.',
  } as const
}

function consent() {
  return {
    find: undefined,
    ...form(),
    client: client(),
    email: value('email'),
    scopes: [],
    resource: undefined,
    choices: [],
    hadAccess: false,
    organizations: [],
    otherAccount: '/',
    enrollment: '/enrollment',
    forDevice: false,
    outlivesSession: false,
  }
}

function totpSetUp() {
  return { setUp: '', secret: value('secret'), uri: '/', qrCode: '' }
}

function scopes() {
  return showScopes(scopeNames(), { firstParty: false })
}

function choices() {
  return chooseScopes(scopeNames(), { scopes: ['read:sandboxes'], declined: [] })
}

function organizations() {
  const names = { id: 'id', name: { text: value('organization') }, chosen: false }
  return [
    { ...names, name: 'Personal', personal: true, hadAccess: true, needsSecondFactor: true },
    { ...names, personal: false, hadAccess: false, needsSecondFactor: false },
    { ...names, personal: false, hadAccess: false, needsSecondFactor: false, denial: 'blocked' },
    { ...names, personal: false, hadAccess: false, needsSecondFactor: false, denial: 'unapproved' },
    { ...names, personal: false, hadAccess: false, needsSecondFactor: false, denial: 'requested' },
  ] as const
}

function resource(hasScopes: boolean) {
  return {
    id: 'id',
    name: value('api'),
    organization: hasScopes ? value('organization') : undefined,
    host: value('host'),
    scopes: hasScopes ? [{ value: 'scope', sentence: value('scope'), isChosen: true }] : [],
  }
}

function mailed() {
  return { action: '/action', token: 'token', email: value('email') }
}

function invitation() {
  return {
    organization: value('organization'),
    inviterName: value('inviter'),
    inviterEmail: value('address'),
    email: value('email'),
  }
}

function account() {
  return { ...form(), page: '/oauth/account', email: value('email'), done: undefined }
}

function browser() {
  return { sentence: '{browser} on {system}', values: { browser: value('browser'), system: value('system') } } as const
}

function named() {
  return { name: value('organization') }
}

function profile() {
  return {
    name: value('name'),
    createdAt: AT,
    notChosen: 'none',
    language: 'de',
    languages: [{ tag: 'de', name: value('language') }],
    timeZone: value('zone'),
    timeZones: [value('zone')],
  }
}
