import { createAsk } from './ask.ts'
import { usageError } from './exit.ts'
import type { Server } from './server.ts'
import type { World } from './world.ts'

const timeoutMs = 30_000

/** An application that runs somewhere, by the address of its mount. */
export function openRemote(url: string, token: string, { fetch, signal }: World): Server {
  const address = readAddress(url)
  const headers = headersOf(address, token)
  address.username = ''
  address.password = ''
  const src = address.href.replace(/\/+$/, '')
  return {
    kind: 'remote',
    hasModule: true,
    ask: createAsk({ src, headers, fetch, signal, timeoutMs }),
    work: () => Promise.reject(usageError('--work runs tasks here; it goes with --module, not with --url')),
    close: () => Promise.resolve(),
  }
}

function readAddress(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : null
  if (!address || !/^https?:$/.test(address.protocol)) {
    throw usageError(`--url: expected an address such as http://127.0.0.1:3000/tasks, not ${url}`)
  }
  if (address.search !== '' || address.hash !== '') {
    throw usageError('--url: an address with ? or # is refused; a token belongs into TASKLOOM_TOKEN')
  }
  return address
}

/** Name and password in the address are those of a proxy with Basic authentication. */
function headersOf({ username, password }: URL, token: string): Readonly<Record<string, string>> {
  if (token !== '' && !/^[\x21-\x7e]{1,4096}$/.test(token)) throw usageError('The token is not one')
  if (username === '' && password === '') return token === '' ? {} : { authorization: `Bearer ${token}` }
  if (token !== '') throw usageError('--url has a name and a password: leave them or the token out')
  const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { authorization: `Basic ${Buffer.from(words).toString('base64')}` }
}
