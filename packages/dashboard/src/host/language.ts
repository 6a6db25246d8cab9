import type { Catalogue } from '@taskloom/client'
import { english, type Translation } from '../format.ts'
import { locales } from '../locales/index.ts'

/** The words of the first language that there are words in; English when there are none, or when they do not come. */
export async function loadTranslation(wanted: readonly string[]): Promise<Translation> {
  for (const tag of wanted) {
    const language = matchLanguage(tag)
    if (language === 'en') return english
    if (language === null) continue
    try {
      const { catalogue } = await (locales[language] as () => Promise<{ readonly catalogue: Catalogue }>)()
      return { language, catalogue }
    } catch {
      return english
    }
  }
  return english
}

/** Which way a language is written. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  return /^(ar|fa|he|ur)\b/.test(language) ? 'rtl' : 'ltr'
}

/** A tag of English needs no more than a look, and the first look into the data of all languages is dear. */
const englishTag = /^en(-Latn)?(-[a-z]{2})?$/i

/** `pt` and `pt-PT` are read by those who read `pt-BR`; `zh-TW` is not `zh-Hans`. */
export function matchLanguage(tag: string): string | null {
  if (englishTag.test(tag)) return 'en'
  let locale: Intl.Locale
  try {
    locale = new Intl.Locale(tag).maximize()
  } catch {
    return null
  }
  const { language, script } = locale
  const offered = ['en', ...Object.keys(locales)]
  return (
    offered.find((each) => {
      const other = new Intl.Locale(each).maximize()
      return other.language === language && other.script === script
    }) ?? null
  )
}
