import type {} from '@taskloom/dashboard/react'

export default function Page() {
  return (
    <main>
      <form method="post" action="/texts">
        <label>
          A text <input name="text" defaultValue="to be or not to be" required />
        </label>
        <button>Count its words</button>
      </form>
      <task-dashboard src="/tasks" />
      <script type="module" src="/tasks/dashboard/assets/task-dashboard.js" async />
    </main>
  )
}
