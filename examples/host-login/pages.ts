export function signInPage(problem = ''): string {
  return layout(`
    <form method="post" action="/login">
      <p role="alert">${problem}</p>
      <label>Name <input name="name" autocomplete="username" required></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
      <button>Sign in</button>
    </form>`)
}

/** `userName` is one of the names in `people`, so it needs no escaping. */
export function ordersPage(userName: string, seesTasks: boolean): string {
  return layout(`
    <form method="post" action="/logout">${userName} <button>Sign out</button></form>
    <form method="post" action="/orders"><button>Place an order</button></form>
    ${seesTasks ? '<task-dashboard src="/tasks"></task-dashboard>' : ''}`)
}

function layout(body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>A shop with its own login</title>
    <script type="module" src="/tasks/dashboard/assets/task-dashboard.js"></script>
  </head>
  <body>${body}
  </body>
</html>`
}
