/** What an encrypted text begins with, version included; no text of `serialize.ts` begins like that. */
export const sealedPrefix = 'sealed:1:'

/** What is shown in place of what is encrypted. */
export const encryptedWord = '<encrypted>'

export function isSealed(text: string): boolean {
  return text.startsWith('sealed:')
}
