import { work } from '../../work'

export async function POST(request: Request) {
  const text = (await request.formData()).get('text')
  await work().countWords.enqueue(typeof text === 'string' ? text : '')
  return new Response(null, { status: 303, headers: { location: '/' } })
}
