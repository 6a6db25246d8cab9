import { createServer } from 'node:http'
import { mount } from '@taskloom/engine/koa'
import Koa from 'koa'
import bodyParser from 'koa-bodyparser'
import { describeAdapter, listen } from '../../packages/testkit/src/adapter-suite.ts'

function start(app: Koa, base = '/tasks') {
  app.use((context) => {
    context.body = 'host'
  })
  const answer = app.callback()
  return listen(
    createServer((req, res) => void answer(req, res)),
    base,
  )
}

describeAdapter('koa', (tasks) => {
  const app = new Koa()
  mount(app, tasks)
  return start(app)
})

describeAdapter(
  'koa, after a body parser',
  (tasks) => {
    const app = new Koa()
    app.use(bodyParser())
    mount(app, tasks)
    return start(app)
  },
  { parsesBodies: true },
)

describeAdapter('koa, before a body parser', (tasks) => {
  const app = new Koa()
  mount(app, tasks)
  app.use(bodyParser())
  return start(app)
})

describeAdapter('koa, behind middleware that takes a prefix away', (tasks) => {
  const app = new Koa()
  app.use(async (context, next) => {
    if (context.path.startsWith('/admin/')) context.path = context.path.slice('/admin'.length)
    await next()
  })
  mount(app, tasks)
  return start(app, '/admin/tasks')
})
