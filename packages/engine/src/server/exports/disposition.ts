const maxNameLength = 80

/**
 * `attachment` with a file's name as RFC 6266 has it: plain ASCII for old readers, and all of it beside. What no file
 * system or header takes is left out.
 */
export function attachment(title: string, now: number, extension: string): string {
  const day = new Date(now).toISOString().slice(0, 10)
  const name = `${fileStem(title)}-${day}.${extension}`
  const plain = name
    .normalize('NFKD')
    .replace(/[^\w.-]+/g, '')
    .replace(/^-+/, '')
  return `attachment; filename="${plain}"; filename*=UTF-8''${encode(name)}`
}

function fileStem(title: string): string {
  const words = title
    .replace(/[\p{C}\p{Zl}\p{Zp}/\\:*?"<>|%;,']+/gu, ' ')
    .trim()
    .replace(/\s+/g, '-')
    .replace(/^\.+/, '')
  return [...words].slice(0, maxNameLength).join('') || 'tasks'
}

/** What RFC 8187 lets stand, and nothing more. */
function encode(name: string): string {
  return encodeURIComponent(name).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
}
