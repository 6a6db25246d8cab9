// Called by Next when its server starts: what was left waiting goes on before anybody asks.
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { work } = await import('./work')
  work()
}
