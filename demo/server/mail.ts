import { createTransport } from 'nodemailer'
import { SMTPServer } from 'smtp-server'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import type { ShopDb } from './shop-db.ts'

export interface Letter {
  readonly to: string
  readonly subject: string
  readonly text: string
}

export interface MailRoom {
  /** Sends over SMTP; rejects with what the server answered. */
  readonly send: (letter: Letter) => Promise<{ readonly messageId: string; readonly response: string }>
  close(): Promise<void>
}

const shopAddress = 'orders@printworks.example'
/** A domain whose mailboxes are always full, to see a real refusal. */
const fullDomain = '@full.example'

/** A real SMTP server on loopback that keeps what it receives in the shop's database, and a client that sends to it. */
export async function openMailRoom(db: ShopDb): Promise<MailRoom> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onRcptTo(address, _session, answer) {
      if (address.address.endsWith(fullDomain)) answer(refusal(452, 'Mailbox full'))
      else answer()
    },
    onData(stream, session, answer) {
      text(stream).then(
        (raw) => {
          db.addMail(readMail(raw, session.envelope.rcptTo.map(({ address }) => address).join(', ')))
          answer()
        },
        (error: Error) => answer(error),
      )
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A client that hangs up in the middle is not the shop's problem; the sender hears of it.
  server.on('error', () => undefined)
  const { port } = server.server.address() as AddressInfo
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    secure: false,
    ignoreTLS: true,
    pool: true,
    maxConnections: 2,
  })

  return {
    send: ({ to, subject, text: body }) =>
      transport.sendMail({ from: shopAddress, to, subject, text: body, textEncoding: 'base64' }),
    async close() {
      transport.close()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}

/** Reads a message as our own client writes it: plain headers, one base64 body. */
function readMail(raw: string, recipient: string) {
  const end = raw.indexOf('\r\n\r\n')
  const headers = raw.slice(0, end).replace(/\r\n[ \t]+/g, ' ')
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(headers)?.[1] ?? ''
  const body = raw.slice(end + 4)
  const isBase64 = header('Content-Transfer-Encoding') === 'base64'
  return {
    receivedAt: Date.now(),
    sender: header('From'),
    recipient,
    subject: header('Subject'),
    text: isBase64 ? Buffer.from(body, 'base64').toString('utf8') : body,
  }
}
