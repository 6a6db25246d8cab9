import { work } from '../../../work'

const answer = (request: Request) => work().dashboard(request)

export { answer as DELETE, answer as GET, answer as HEAD, answer as POST }
export const dynamic = 'force-dynamic'
