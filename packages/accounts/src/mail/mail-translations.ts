import { type AccountSentence, GERMAN } from '../language/german.ts'
import type { Language } from '../language/language.ts'
import { createTranslations, type Translation } from '../language/translations.ts'

/** The texts of mails in the language of their reader. */
export type MailTranslation = Translation<AccountSentence>

/** Creates the texts of mails for each language. `brand` is the name of the installation. */
export const createMailTranslations = (brand: string): ((language: Language) => MailTranslation) =>
  createTranslations<AccountSentence>({ de: GERMAN }, brand)
