import type { WorkerFacts, WorkerFunctions, WorkerState, WorkerStore } from '../workers.ts'
import { asked, type Writer } from './writer.ts'

const columns = ['worker_id', 'hostname', 'pid', 'started_at', 'heartbeat_at', 'lease_until', 'facts']

/** What a process can run lies in its row: a beat leaves it alone. */
export function sqlWorkers(writer: Writer): WorkerStore {
  const { session: reads } = writer.database
  return {
    async beat({ workerId, hostname, pid, startedAt, heartbeatAt, leaseUntil, facts }: WorkerState): Promise<void> {
      const told = facts ? JSON.stringify(facts) : null
      const row = [workerId, hostname, pid, startedAt, heartbeatAt, leaseUntil, told]
      await writer.run((session) => session.insert('workers', columns, [row], 'replace'))
    },
    async list(): Promise<readonly WorkerState[]> {
      const rows = await asked(reads.rows(`SELECT ${columns.join(', ')} FROM @workers`))
      return rows.map(([workerId, hostname, pid, startedAt, heartbeatAt, leaseUntil, facts = null]) => ({
        ...{ workerId: String(workerId), hostname: String(hostname), pid: Number(pid), startedAt: Number(startedAt) },
        ...{ heartbeatAt: Number(heartbeatAt), leaseUntil: Number(leaseUntil) },
        facts: readFacts(facts),
      }))
    },
    async remove(workerId: string): Promise<void> {
      await writer.run((session) => session.run('DELETE FROM @workers WHERE worker_id = ?', [workerId]))
    },
    async register({ workerId, funcNames }: WorkerFunctions): Promise<void> {
      const row = [workerId, JSON.stringify(funcNames)]
      await writer.run((session) => session.update('workers', ['worker_id'], ['func_names'], [row]))
    },
    async functions(): Promise<readonly WorkerFunctions[]> {
      const sql = 'SELECT worker_id, func_names FROM @workers WHERE func_names IS NOT NULL'
      const rows = await asked(reads.rows(sql))
      return rows.map(([workerId, names]) => ({
        workerId: String(workerId),
        funcNames: JSON.parse(String(names)) as string[],
      }))
    },
  }
}

/** Another version may write other facts: they are shown as they are understood. */
function readFacts(text: string | number | null): WorkerFacts | null {
  return text === null ? null : (JSON.parse(String(text)) as WorkerFacts)
}
