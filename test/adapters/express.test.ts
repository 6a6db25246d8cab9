import { createServer } from 'node:http'
import { mount, type MountableTasks } from '@taskloom/engine/express'
import compression from 'compression'
import express, { Router, type Express } from 'express'
import { describeAdapter, listen } from '../../packages/testkit/src/adapter-suite.ts'

/** The host's own word for every path, as the suite wants it. */
function answerAll(app: Express): void {
  app.use((_req, res) => void res.end('host'))
}

function start(app: Express, base = '/tasks') {
  answerAll(app)
  return listen(createServer(app), base)
}

describeAdapter('express', (tasks) => {
  const app = express()
  mount(app, tasks)
  return start(app)
})

describeAdapter('express, on a router under a prefix', (tasks) => {
  const app = express()
  const router = Router()
  mount(router, tasks, { path: '/tasks' })
  app.use('/admin', router)
  return start(app, '/admin/tasks')
})

describeAdapter('express, on a router at its root, nested twice', (tasks) => {
  const app = express()
  const [outer, inner] = [Router(), Router()]
  mount(inner, tasks, { path: '/c' })
  outer.use('/b', inner)
  app.use('/a', outer)
  return start(app, '/a/b/c')
})

describeAdapter(
  'express, after express.json() and compression()',
  (tasks) => {
    const app = parsing()
    mount(app, tasks)
    return start(app)
  },
  { parsesBodies: true },
)

describeAdapter('express, before express.json() and compression()', (tasks: MountableTasks) => {
  const app = express()
  mount(app, tasks)
  app.use(compression({ threshold: 0 }), express.json(), express.urlencoded())
  return start(app)
})

function parsing(): Express {
  const app = express()
  app.use(compression({ threshold: 0 }), express.json(), express.urlencoded())
  return app
}
