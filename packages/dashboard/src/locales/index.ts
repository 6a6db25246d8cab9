import type { Catalogue } from '@taskloom/client'

/** The languages there are words in beside English, each in files of its own that are loaded when it is wanted. */
export const locales: Readonly<Record<string, () => Promise<{ readonly catalogue: Catalogue }>>> = {
  de: () => import('./de/index.ts'),
  fr: () => import('./fr/index.ts'),
  es: () => import('./es/index.ts'),
  'pt-BR': () => import('./pt-BR/index.ts'),
  ja: () => import('./ja/index.ts'),
  'zh-Hans': () => import('./zh-Hans/index.ts'),
  ar: () => import('./ar/index.ts'),
}
