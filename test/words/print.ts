// Prints every text of the page, and with `--unsaid` those that would stay English: `node --import tsx test/words/print.ts`.
import { collectTexts } from './collect.ts'

const { said, unsaid } = await collectTexts()
const lines = process.argv.includes('--unsaid')
  ? unsaid.map(({ text, at }) => `${at}  ${text.replace(/\s+/g, ' ')}`)
  : [...new Map(said.map((entry) => [entry.text, entry])).values()].map(({ text, isCounted, at }) =>
      JSON.stringify({ text, isCounted, at }),
    )
process.stdout.write(`${lines.join('\n')}\n`)
