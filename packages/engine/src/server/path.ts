import { ProtocolError } from '@taskloom/protocol'

const maxSegmentLength = 300

/**
 * The decoded segments of a raw path below the mount. Nothing is resolved or repaired: a path with `.`, `..`, an empty
 * segment, an encoded slash or a NUL names nothing here.
 */
export function readSegments(path: string): readonly string[] {
  if (path === '' || path === '/') return []
  if (!path.startsWith('/')) throw nothing()
  return path.slice(1).split('/').map(readSegment)
}

/** The part of a path below a base, on a segment boundary; null when it lies elsewhere. */
export function pathBelow(path: string, base: string): string | null {
  if (!path.startsWith(base)) return null
  const rest = path.slice(base.length)
  return rest === '' || rest.startsWith('/') ? rest : null
}

function readSegment(raw: string): string {
  const text = decode(raw)
  const isOdd = text === '' || text === '.' || text === '..' || text.length > maxSegmentLength || /[/\\\0]/.test(text)
  if (isOdd) throw nothing()
  return text
}

function decode(raw: string): string {
  try {
    return decodeURIComponent(raw)
  } catch {
    throw new ProtocolError('bad_query', 'The path is not percent-encoded UTF-8')
  }
}

function nothing(): ProtocolError {
  return new ProtocolError('not_found', 'There is nothing at this path')
}
