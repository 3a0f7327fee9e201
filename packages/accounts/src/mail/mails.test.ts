import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Mail } from '@daytona-auth/service'
import { LANGUAGES } from '../language/language.ts'
import { quotedName } from '../shown-name.ts'
import { composeMail } from './compose-mail.ts'
import { emailChangedMail, emailChangeMails, emailTakenMail } from './email-change-mail.ts'
import { factorResetMail, factorResetNotice, factorsRemovedMail } from './factor-reset-mail.ts'
import { createMailTranslations, type MailTranslation } from './mail-translations.ts'
import { passwordChangedMail } from './password-changed-mail.ts'
import { recoveredMail, recoveryMail, takenOverMail } from './recovery-mail.ts'
import { secondFactorMail } from './second-factor-mail.ts'
import { verificationMail } from './verification-mail.ts'

const ISSUER = 'https://auth.example.test'
const NOW = Date.UTC(2026, 0, 1)
const to = 'ada@example.test'
const mailsIn = createMailTranslations('Acme & Co')
const translation = mailsIn('en')
const recipient = { to, issuer: ISSUER, now: NOW, translation }
const change = { current: to, next: to, issuer: ISSUER, now: NOW, translation }

interface MadeMail {
  readonly mail: Mail
  readonly tokenDigest?: Uint8Array
  readonly expiresAt?: Date
}

const FACTOR_EVENTS = [
  'totp-added',
  'totp-removed',
  'recovery-codes-created',
  'passkey-added',
  'passkey-removed',
  'browser-trusted',
  'recovery-code-used',
] as const

/** Each mail, made with the given texts. */
const MAILS: Record<string, (texts: MailTranslation) => MadeMail> = {
  verification: (texts) => verificationMail({ ...recipient, translation: texts }),
  recovery: (texts) => recoveryMail({ ...recipient, translation: texts }),
  ...Object.fromEntries(
    [0, 1, 2].flatMap((keys) =>
      [true, false].map((hasLink) => [
        `recovered, ${keys} keys ${hasLink ? 'with' : 'without'} a link`,
        (texts: MailTranslation) => {
          const minted = recoveredMail({ ...recipient, translation: texts })
          return { ...minted, mail: minted.mailOf({ keys, hasLink }) }
        },
      ]),
    ),
  ),
  'email change, current address': (texts) => emailChangeMails({ ...change, translation: texts }).current,
  'email change, new address': (texts) => emailChangeMails({ ...change, translation: texts }).next,
  'email taken': (texts) => ({ mail: emailTakenMail({ ...change, next: to, translation: texts }) }),
  'email changed': (texts) => ({ mail: emailChangedMail({ ...change, to, translation: texts }) }),
  'password changed': (texts) => ({ mail: passwordChangedMail({ ...recipient, translation: texts }) }),
  ...Object.fromEntries(
    FACTOR_EVENTS.map((event) => [
      event,
      (texts: MailTranslation) => ({
        mail: secondFactorMail(event, { ...recipient, remaining: 3, translation: texts }),
      }),
    ]),
  ),
  'factor reset': (texts) => factorResetMail({ ...recipient, translation: texts }),
  'announcement of a factor reset': (texts) =>
    factorResetNotice('announcement', { ...recipient, email: to, endsAt: new Date(NOW), translation: texts }),
  'reminder of a factor reset': (texts) =>
    factorResetNotice('reminder', { ...recipient, email: to, endsAt: new Date(NOW), translation: texts }),
  'factors removed': (texts) => ({ mail: factorsRemovedMail({ ...recipient, email: to, translation: texts }) }),
  'taken over': (texts) => ({ mail: takenOverMail({ to, userId: 'usr_1', translation: texts }) }),
}

/** The targets of the links of an HTML body. */
const linksOf = ({ html }: Mail) => [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)

/** The subject, paragraphs and labels of a mail, without links. */
const paragraphsOf = ({ subject, html }: Mail): string[] =>
  [subject, ...html.slice(html.indexOf('</p>')).split(/<[^>]*>/)]
    .map((text) => text.trim())
    .filter((text) => text !== '')

describe('every mail', () => {
  for (const [name, make] of Object.entries(MAILS).flatMap(([mail, make]) =>
    LANGUAGES.map((language) => [`${mail}, ${language}`, () => make(mailsIn(language))] as const),
  )) {
    it(`has the same links as text and as HTML, all of them ours: ${name}`, () => {
      const { mail } = make()
      const inText = mail.text.match(/https?:\/\/\S+/g) ?? []
      assert.deepEqual(linksOf(mail), inText)
      for (const link of inText) assert.equal(new URL(link).origin, ISSUER)
      assert.equal(mail.to, to)
      for (const paragraph of mail.text.split('\n\n').filter((part) => part.trim() !== '')) {
        assert.ok(mail.html.includes(paragraph.trim().replaceAll('&', '&amp;')), paragraph)
      }
    })

    it(`is composed of text without markup, script or image: ${name}`, () => {
      const { html, text, subject } = make().mail
      assert.doesNotMatch(html, /<script|<img|<style|undefined|\[object/i)
      assert.doesNotMatch(text + subject, /[<>{}]|undefined|\[object/)
    })
  }

  for (const [name, make] of Object.entries(MAILS)) {
    it(`has no English in German, and the name of the installation: ${name}`, () => {
      const [english, german] = [make(mailsIn('en')).mail, make(mailsIn('de')).mail]
      const left = paragraphsOf(german).filter((text) => paragraphsOf(english).includes(text))
      assert.deepEqual(left, [])
      for (const [mail, language] of [
        [english, 'en'],
        [german, 'de'],
      ] as const) {
        assert.match(mail.html, new RegExp(`<html lang="${language}">`))
        assert.match(mail.subject + mail.text, /Acme & Co/)
        assert.match(mail.html, />Acme &amp; Co</)
        assert.doesNotMatch(mail.subject + mail.text + mail.html, /Daytona/)
      }
    })
  }

  it('says when its link expires: after 24 hours, or 30 minutes for one that changes an account', () => {
    const names = [
      'verification',
      'recovery',
      'recovered, 2 keys with a link',
      'email change, current address',
      'email change, new address',
    ]
    const minutes = names.map((name) => {
      const expiresAt = MAILS[name]?.(translation).expiresAt ?? assert.fail()
      assert.ok(MAILS[name]?.(translation).mail.text.includes(translation.time(expiresAt).text))
      return (expiresAt.getTime() - NOW) / 60_000
    })
    assert.deepEqual(minutes, [24 * 60, 30, 24 * 60, 30, 30])
  })

  it('to a new address does not name the current one, whose account may be a stranger\u2019s', () => {
    const { current, next } = emailChangeMails({ ...change, current: 'secret@example.test' })
    assert.ok(!JSON.stringify(next.mail).includes('secret@example.test'))
    assert.ok(current.mail.text.includes('secret@example.test') && current.mail.text.includes(to))
    assert.notDeepEqual(current.tokenDigest, next.tokenDigest)
  })

  it('has another token each time, and neither the token nor its digest in its Message-ID', () => {
    const [first, second] = [recoveryMail(recipient), recoveryMail(recipient)]
    assert.notEqual(first.mail.id, second.mail.id)
    assert.match(first.mail.id, /^recovery\.[\w-]{22}$/)
    const [, token = ''] = /token=([\w-]{43})/.exec(first.mail.text) ?? []
    assert.ok(token.length === 43 && !first.mail.id.includes(token.slice(0, 12)))
    assert.ok(!first.mail.id.includes(Buffer.from(first.tokenDigest).toString('base64url').slice(0, 12)))
  })
})

describe('composeMail', () => {
  const content = { kind: 'test', reference: 'a', to, subject: { text: 'Hello' }, translation }

  it('escapes text in HTML only, and gives the same mail the same Message-ID', () => {
    const parts = [{ text: 'a < b & "c"' }, { label: 'Confirm the address', href: `${ISSUER}/?a=1&b=2` }] as const
    const mail = composeMail({ ...content, parts })
    assert.ok(mail.text.includes('a < b & "c"') && mail.text.includes(`${ISSUER}/?a=1&b=2`))
    assert.ok(mail.html.includes('a &lt; b &amp; &quot;c&quot;'))
    assert.ok(mail.html.includes(`href="${ISSUER}/?a=1&amp;b=2"`))
    assert.deepEqual(composeMail({ ...content, parts }), mail)
    assert.notEqual(composeMail({ ...content, reference: 'b', parts }).id, mail.id)
  })

  for (const name of [
    'evil.example',
    'https://evil.example/x',
    'mailto:eve@evil.example',
    '<a href="//evil.example">x</a>',
  ]) {
    it(`has no link for the name ${name}`, () => {
      const mail = composeMail({ ...content, parts: [{ text: `${quotedName(name)} invites you.` }] })
      assert.deepEqual(linksOf(mail), [])
      assert.doesNotMatch(mail.html, /<a /)
      for (const body of [mail.text, mail.html]) assert.doesNotMatch(body, /evil\.example|https?:\/\/|mailto:/)
    })
  }
})
