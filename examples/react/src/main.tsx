import { useState } from 'react'
import { createRoot } from 'react-dom/client'
import type {} from '@taskloom/dashboard/react'
import '@taskloom/dashboard/define'
import '@taskloom/dashboard/siblings/define'

function Admin() {
  const [taskId, setTaskId] = useState<string | null>(null)
  const [ended, setEnded] = useState('')

  async function count() {
    setEnded('')
    const response = await fetch('/primes', { method: 'POST' })
    const answer = (await response.json()) as { taskId: string }
    setTaskId(answer.taskId)
  }

  return (
    <main>
      <button onClick={() => void count()}>Count the primes below a million</button>
      {taskId && (
        <task-progress
          src="/tasks"
          task-id={taskId}
          label="Counting"
          ontask-end={(event) => setEnded(`It ended: ${event.detail.status}.`)}
        />
      )}
      <p role="status">{ended}</p>
      <task-dashboard src="/tasks" />
    </main>
  )
}

createRoot(document.querySelector('#app')!).render(<Admin />)
