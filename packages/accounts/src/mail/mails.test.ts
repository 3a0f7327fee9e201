import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Mail } from '@daytona-auth/service'
import { quotedName } from '../shown-name.ts'
import { composeMail } from './compose-mail.ts'
import { emailChangedMail, emailChangeMails, emailTakenMail } from './email-change-mail.ts'
import { factorResetMail, factorResetNotice, factorsRemovedMail } from './factor-reset-mail.ts'
import { recoveredMail, recoveryMail, takenOverMail } from './recovery-mail.ts'
import { verificationMail } from './verification-mail.ts'

const ISSUER = 'https://auth.example.test'
const NOW = Date.UTC(2026, 0, 1)
const to = 'ada@example.test'
const recipient = { to, issuer: ISSUER, now: NOW }

const change = { current: to, next: to, issuer: ISSUER, now: NOW }

const MAILS: Record<string, () => { mail: Mail; tokenDigest?: Uint8Array; expiresAt?: Date }> = {
  verification: () => verificationMail(recipient),
  recovery: () => recoveryMail(recipient),
  recovered: () => {
    const minted = recoveredMail(recipient)
    return { ...minted, mail: minted.mailOf({ keys: 2, hasLink: true }) }
  },
  'email change, current address': () => emailChangeMails(change).current,
  'email change, new address': () => emailChangeMails(change).next,
  'email taken': () => ({ mail: emailTakenMail({ ...change, next: to }) }),
  'email changed': () => ({ mail: emailChangedMail({ ...change, to }) }),
  'factor reset': () => factorResetMail(recipient),
  'announcement of a factor reset': () =>
    factorResetNotice('announcement', { ...recipient, email: to, endsAt: new Date(NOW) }),
  'reminder of a factor reset': () => factorResetNotice('reminder', { ...recipient, email: to, endsAt: new Date(NOW) }),
  'factors removed': () => ({ mail: factorsRemovedMail({ ...recipient, email: to }) }),
  'taken over': () => ({ mail: takenOverMail({ to, userId: 'usr_1' }) }),
}

/** The targets of the links of an HTML body. */
const linksOf = ({ html }: Mail) => [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)

describe('every mail', () => {
  for (const [name, make] of Object.entries(MAILS)) {
    it(`has the same links as text and as HTML, all of them ours: ${name}`, () => {
      const { mail } = make()
      const inText = mail.text.match(/https?:\/\/\S+/g) ?? []
      assert.deepEqual(linksOf(mail), inText)
      for (const link of inText) assert.equal(new URL(link).origin, ISSUER)
      assert.equal(mail.to, to)
      for (const paragraph of mail.text.split('\n\n').filter((part) => part.trim() !== '')) {
        assert.ok(mail.html.includes(paragraph.trim()), paragraph)
      }
    })

    it(`is composed of text without markup, script or image: ${name}`, () => {
      const { html, text, subject } = make().mail
      assert.doesNotMatch(html, /<script|<img|<style|undefined|\[object/i)
      assert.doesNotMatch(text + subject, /[<>]|undefined|\[object/)
    })
  }

  it('says when its link expires: after 24 hours, or 30 minutes for one that changes an account', () => {
    const names = [
      'verification',
      'recovery',
      'recovered',
      'email change, current address',
      'email change, new address',
    ]
    const minutes = names.map((name) => {
      const expiresAt = MAILS[name]?.().expiresAt ?? assert.fail()
      assert.ok(MAILS[name]?.().mail.text.includes(expiresAt.toUTCString()))
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
  const content = { kind: 'test', reference: 'a', to, subject: 'Hello' }

  it('escapes text in HTML only, and gives the same mail the same Message-ID', () => {
    const parts = ['a < b & "c"', { label: '<Open>', href: `${ISSUER}/?a=1&b=2` }]
    const mail = composeMail({ ...content, parts })
    assert.ok(mail.text.includes('a < b & "c"') && mail.text.includes(`${ISSUER}/?a=1&b=2`))
    assert.ok(mail.html.includes('a &lt; b &amp; &quot;c&quot;') && mail.html.includes('&lt;Open&gt;'))
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
      const mail = composeMail({ ...content, parts: [`${quotedName(name)} invites you.`] })
      assert.deepEqual(linksOf(mail), [])
      assert.doesNotMatch(mail.html, /<a /)
      for (const body of [mail.text, mail.html]) assert.doesNotMatch(body, /evil\.example|https?:\/\/|mailto:/)
    })
  }
})
