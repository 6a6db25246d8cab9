// A panel of the page: drawn in the browser, from what the dashboard knows already.
document.querySelector('task-dashboard').panels = [
  {
    id: 'backlog',
    title: 'Backlog',
    render({ state, formats }) {
      const waiting = state.queues.reduce((sum, { counts }) => sum + (counts.pending ?? 0), 0)
      const line = document.createElement('p')
      line.textContent = waiting === 0 ? 'Nothing waits.' : `${formats.count(waiting)} tasks wait.`
      return line
    },
  },
]
