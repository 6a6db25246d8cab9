import { decodeLiveEvent, encodeLiveData, type LiveEvent } from './live.ts'

/** What may have changed without being told in full: whoever shows it asks again. `schedules` is a {@link LiveEvent}, too. */
export const liveHints = ['schedules', 'queues', 'workers', 'operations', 'audit'] as const
/** The name of a hint. */
export type LiveHint = (typeof liveHints)[number]

/** One frame over WebSocket, of data that is JSON text already: `{"id":…,"event":…,"data":…}`. */
export function formatLiveMessage(event: string, id: string | null, data: string): string {
  return `{"id":${JSON.stringify(id)},"event":${JSON.stringify(event)},"data":${data}}`
}

/** One event as a WebSocket message. */
export function encodeLiveMessage(event: LiveEvent): string {
  return formatLiveMessage(event.event, event.id, encodeLiveData(event))
}

/** Reads what {@link encodeLiveMessage} wrote; null for events that a newer server may add. Throws when it is no frame. */
export function decodeLiveMessage(text: string): LiveEvent | null {
  const { id, event, data } = JSON.parse(text) as { id?: string; event?: string; data?: unknown }
  return decodeLiveEvent({ id, event, data: JSON.stringify(data ?? null) })
}
