#!/usr/bin/env node
import process from 'node:process'
import { exitCodes } from './exit.ts'
import { runCommandLine } from './run.ts'
import { toOutput } from './world.ts'

const interruption = new AbortController()
let isStopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second Ctrl-C of somebody who will not wait.
    if (isStopping) process.exit(exitCodes.interrupted)
    isStopping = true
    interruption.abort()
  })
}

const out = toOutput(process.stdout, process.env)
const err = toOutput(process.stderr, process.env)
const exitCode = await runCommandLine(process.argv.slice(2), {
  out,
  err,
  input: process.stdin,
  env: process.env,
  signal: interruption.signal,
  now: Date.now,
  fetch,
})
await Promise.all([out.write(''), err.write('')])
// The module of a user may hold a timer or a connection; the command is over all the same.
process.exit(interruption.signal.aborted ? exitCodes.interrupted : exitCode)
