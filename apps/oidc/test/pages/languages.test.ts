import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { createAssets } from '../../src/pages/assets.ts'
import { GERMAN, PARTS, type Sentence } from '../../src/pages/german/german.ts'
import { createPageRenderer, type Pages } from '../../src/pages/pages.ts'
import { BRAND, SAMPLES, withoutValues } from './samples.ts'

const TEMPLATES = new URL('../../src/pages/templates/', import.meta.url)
const names = readdirSync(TEMPLATES).flatMap((file) => (file.endsWith('.eta') ? [file.slice(0, -4)] : []))
const sourceOf = (name: string) => readFileSync(new URL(`${name}.eta`, TEMPLATES), 'utf8')

const HOST = 'auth.example.test'
const render = createPageRenderer({ issuer: `https://${HOST}`, brand: BRAND, assets: createAssets({}) })

const SHOWN_ATTRIBUTE = /\s(?:aria-label|title|placeholder|alt)="([^"]*)"/g
const LETTER = /\p{L}/u

/** Lists what a document shows: its text nodes, and the attributes that are read out. */
const textsOf = (html: string): string[] =>
  [
    ...html.replaceAll(/<svg[\s\S]*?<\/svg>/g, '').split(/<[^>]*>/),
    ...[...html.matchAll(SHOWN_ATTRIBUTE)].map(([, text = '']) => text),
  ].map((text) => text.trim())

/** The calls of `text` and `html` in a template, each with its sentence. */
const CALL = /\b(?:text|html)\('((?:[^'\\]|\\.)*)'/g
const CODE = /<%[\s\S]*?%>/g

describe('templates', () => {
  for (const name of names) {
    const source = sourceOf(name)

    it(`have all text in the catalogue: ${name}`, () => {
      const unwrapped = textsOf(source.replaceAll(CODE, '')).filter((text) => LETTER.test(text))
      assert.deepEqual(unwrapped, [])
      const literals = [...source.matchAll(CODE)]
        .flatMap(([code]) => [...code.replaceAll(CALL, '').matchAll(/'([^']*)'|"([^"]*)"|`([^`]*)`/g)])
        .map(([, single, double, template]) => single ?? double ?? template ?? '')
      assert.deepEqual(
        literals.filter((literal) => !literal.startsWith('<svg') && /^\p{Lu}|\p{L} \p{L}/u.test(literal)),
        [],
      )
      const sentences = [...source.matchAll(CALL)].map(([, sentence = '']) => sentence.replaceAll('\\', ''))
      assert.deepEqual(
        sentences.filter((sentence) => !Object.hasOwn(GERMAN, sentence)),
        [],
      )
    })
  }
})

/** A shown text without the values of its sample and the name in a title. */
const bare = (text: string): string => withoutValues(text).replace(/ · $/, '').trim()

/** Sentences that are the same in both languages. */
const SAME: ReadonlySet<string> = new Set(
  Object.entries(GERMAN).flatMap(([english, german]) =>
    english === german ? [bare(english.replaceAll(/\{\w+\}/g, ''))] : [],
  ),
)

describe('pages in German', () => {
  for (const [name, samples] of Object.entries(SAMPLES)) {
    it(`show no English: ${name}`, () => {
      for (const sample of samples) {
        const page = render(name as keyof Pages, sample as Pages[keyof Pages])
        const english = new Set(textsOf(page('en')))
        const german = page('de')
        assert.match(german, /^<!doctype html>\n<html lang="de">/)
        assert.doesNotMatch(german, /undefined|\[object|[{}]/)
        const left = textsOf(german).filter(
          (text) => english.has(text) && LETTER.test(bare(text)) && !SAME.has(bare(text)) && text !== HOST,
        )
        assert.deepEqual(left, [])
      }
    })
  }
})

describe('the catalogue', () => {
  it('has each sentence in one part only', () => {
    const parts = Object.values(PARTS).flatMap((part) => Object.keys(part))
    assert.deepEqual(
      parts.filter((sentence, index) => parts.indexOf(sentence) !== index),
      [],
    )
  })

  it('has the same values and elements in both languages', () => {
    for (const [english, german] of Object.entries(GERMAN)) assert.deepEqual(partsOf(german), partsOf(english), english)
  })

  it('addresses the reader formally', () => {
    for (const german of Object.values(GERMAN)) assert.doesNotMatch(german, /\b(?:[Dd]u|[Dd]ein\w*|[Dd]ich|[Dd]ir)\b/)
  })

  it('has no sentence that nothing shows', () => {
    const sources = [TEMPLATES, ...SOURCES].flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((file) =>
        /\.(?:eta|ts)$/.test(file.name) && !file.parentPath.endsWith('german') && file.name !== 'german.ts'
          ? [readFileSync(`${file.parentPath}/${file.name}`, 'utf8')]
          : [],
      ),
    )
    const unused = (Object.keys(GERMAN) as Sentence[]).filter(
      (sentence) => !sources.some((source) => source.includes(`'${sentence}'`)),
    )
    assert.deepEqual(unused, [])
  })
})

const SOURCES = [
  new URL('../../src/', import.meta.url),
  new URL('../../../../packages/accounts/src/', import.meta.url),
  new URL('../../../../packages/protocol/src/', import.meta.url),
  new URL('../../../api/src/features/organizations/', import.meta.url),
  new URL('../../../api/src/features/app-access/', import.meta.url),
]

/** Lists the values and elements of a sentence, without the texts of its plural forms. */
function partsOf(sentence: string): string[] {
  const values = [...sentence.matchAll(/\{(\w+)(?=[,}])/g)].map(([, name]) => name ?? '')
  const elements = [...sentence.matchAll(/<\/?\w+>/g)].map(([tag]) => tag)
  return [...new Set([...values, ...elements])].toSorted()
}
