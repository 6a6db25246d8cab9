import { sampleOrders } from '../orders.ts'

const orderEveryMs = 1_500

/** Somebody who orders all the time, through the proxy like everybody, and has brought the sample folder. Gives how to stop. */
export function sendCustomers(url: string): () => void {
  const forms = sampleOrders()
  let next = 0
  void post('/admin/samples', {})
  const timer = setInterval(() => {
    const { quantity, ...form } = forms[next % forms.length]!
    next += 1
    void post('/admin/orders', { ...form, quantity: String(quantity) })
  }, orderEveryMs)

  /** A site that is down has lost this customer, and that is all. */
  async function post(path: string, fields: Readonly<Record<string, string>>): Promise<void> {
    const response = await fetch(url + path, {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'manual',
    }).catch(() => null)
    await response?.body?.cancel()
  }

  return () => clearInterval(timer)
}
