import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { passwordProblem } from './passwords.ts'

const ada = { email: 'ada.lovelace@example.com', name: 'Ada Lovelace' }

const SHORT = 'Use at least 12 characters.'
const LONG = 'This password is too long.'
const OWN = 'Do not use your name or email address as the password.'
const COMMON = 'This password is too easy to guess. A few unrelated words work well.'

describe('passwordProblem', () => {
  const refused: [why: string, password: string, problem: string][] = [
    ['nothing', '', SHORT],
    ['eleven characters', 'Gx7pQ2mZ9vL', SHORT],
    ['eleven characters of several code units each', '𝒢𝓍𝓅𝒬𝓂𝒵𝓋ℒ𝓀𝒟𝓊', SHORT],
    ['eleven characters that are more before composition', 'Gx7pQ2mZ9ve\u0301', SHORT],
    ['more than 1024 bytes', 'Gx7pQ2mZ9vLk'.repeat(86), LONG],
    ['the own address', 'ada.lovelace@example.com', OWN],
    ['the own address in capitals', 'ADA.LOVELACE@EXAMPLE.COM', OWN],
    ['the own name', 'Ada Lovelace', OWN],
    ['own words with a few digits', 'lovelace1234', COMMON],
    ['a common password', 'administrator', COMMON],
    ['a common password with digits', 'password1234', COMMON],
    ['a common password twice', 'letmeinletmein', COMMON],
    ['a common password with other letters', 'P@ssw0rdP@ssw0rd', COMMON],
    ['one character over and over', 'aaaaaaaaaaaaaaaa', COMMON],
    ['the alphabet', 'abcdefghijklmnop', COMMON],
    ['digits in their order', '123456789012', COMMON],
    ['a row of keys', 'qwertyuiopasdf', COMMON],
    ['the name of the product', 'daytonadaytona', COMMON],
  ]
  for (const [why, password, problem] of refused) {
    it(`refuses ${why}`, () => assert.equal(passwordProblem(password, ada), problem))
  }

  const accepted: [what: string, password: string][] = [
    ['twelve random characters', 'Gx7pQ2mZ9vLk'],
    ['three words', 'violin-harbor-teacup'],
    ['a few words', 'correct horse battery staple'],
    ['letters of any script', 'зелёная луна над рекой'],
    ['1024 bytes', 'Gx7pQ2mZ9vLk'.repeat(85).padEnd(1024, 'x')],
  ]
  for (const [what, password] of accepted) {
    it(`accepts ${what}`, () => assert.equal(passwordProblem(password, ada), undefined))
  }
})
