/** Whether the host says that it is in production, as Node's frameworks do. The one thing read from its environment. */
export function isProductionHost(): boolean {
  return process.env['NODE_ENV'] === 'production'
}
