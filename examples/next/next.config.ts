import type { NextConfig } from 'next'

const config: NextConfig = {
  // The engine reads files that lie beside its own: it must stay where it is installed.
  serverExternalPackages: ['@taskloom/engine'],
  // The dashboard asks for /tasks/ with the slash.
  skipTrailingSlashRedirect: true,
}

export default config
