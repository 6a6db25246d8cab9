/** Words that name something secret when a name has them as whole words: `dbPassword`, `X-Api-Key`, `access_token`. */
const secretWords = [
  'password',
  'passwords',
  'passwd',
  'passphrase',
  'pwd',
  'secret',
  'secrets',
  'token',
  'authorization',
  'cookie',
  'cookies',
  'credential',
  'credentials',
  'apikey',
  'api key',
  'private key',
  'access key',
  'signing key',
] as const

/** Whether a name, such as the key of a value, says that what it names is secret. */
export type SecretNames = (name: string) => boolean

const maxNameLength = 200

/** Knows the common names, unless they are switched off, and those that are given, in whatever case they are written. */
export function secretNames(more: readonly string[], hasDefaults = true): SecretNames {
  const known = [...(hasDefaults ? secretWords : []), ...more.map(wordsOf)].map((words) => ` ${words} `)
  if (known.length === 0) return () => false
  return (name) => {
    const words = ` ${wordsOf(name.slice(0, maxNameLength))} `
    return known.some((secret) => words.includes(secret))
  }
}

/** `dbAPIKey_2` has the words `db api key`. */
function wordsOf(name: string): string {
  return name
    .replace(/([\p{Ll}\d])(\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1$3 $2')
    .replace(/[^\p{L}]+/gu, ' ')
    .trim()
    .toLowerCase()
}
