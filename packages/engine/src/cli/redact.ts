/** Takes passwords out of a text. */
export type Redactor = (text: string) => string

const hidden = '***'

/** Hides passwords in addresses (`//ann:secret@`, `?token=…`) and the secrets themselves, wherever they stand. */
export function createRedactor(secrets: readonly (string | undefined)[] = []): Redactor {
  const known = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= 4)
  return (text) => known.reduce((rest, secret) => rest.replaceAll(secret, hidden), redactAddresses(text))
}

function redactAddresses(text: string): string {
  return text
    .replace(/([a-z][a-z\d+.-]*:\/\/[^\s/:@?#"'\\]*):[^\s/?#"'\\]*@/gi, `$1:${hidden}@`)
    .replace(/([?&;](?:[\w-]*(?:token|password|passwd|pwd|secret|key|auth)[\w-]*)=)[^\s&;#'"\\]+/gi, `$1${hidden}`)
}
