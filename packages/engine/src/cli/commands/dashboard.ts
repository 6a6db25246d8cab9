import { none, type Command } from '../command.ts'

/** `taskloom dashboard` */
export const dashboard: Command = {
  name: 'dashboard',
  operands: '',
  count: none,
  words: 'serve the dashboard of a store by itself; read-only unless --write',
  options: ['store', 'module', 'config', 'user', 'host', 'port', 'write', 'work'],
  // Only this command listens, and the others need not load what that takes.
  run: async (call) => (await import('../serve-dashboard.ts')).serveDashboard(call),
}
