import {
  Body,
  Controller,
  Get,
  Header,
  Inject,
  Module,
  Post,
  Redirect,
  type OnApplicationShutdown,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/express'

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Taskloom in Nest</title>
    <script type="module" src="/tasks/dashboard/assets/task-dashboard.js"></script>
  </head>
  <body>
    <form method="post" action="/texts">
      <label>A text <input name="text" value="to be or not to be" required></label>
      <button>Count its words</button>
    </form>
    <task-dashboard src="/tasks"></task-dashboard>
  </body>
</html>`

class Work implements OnApplicationShutdown {
  readonly tasks = new TaskManager({ store: 'tasks.db' })
  readonly countWords = this.tasks.define('count_words', { retries: 3 }, (text: string) => {
    return text.match(/\S+/g)?.length ?? 0
  })

  // What runs may end; what waits is taken up by the next start.
  onApplicationShutdown() {
    return this.tasks.shutdown()
  }
}

@Controller()
class TextsController {
  constructor(@Inject(Work) private readonly work: Work) {}

  @Get()
  @Header('content-type', 'text/html')
  show() {
    return page
  }

  @Post('texts')
  @Redirect('/', 303)
  async add(@Body('text') text?: string) {
    await this.work.countWords.enqueue(text ?? '')
  }
}

@Module({ controllers: [TextsController], providers: [Work] })
class AppModule {}

const app = await NestFactory.create(AppModule)
// Nest runs on Express, and hands middleware on to it.
mount(app, app.get(Work).tasks, { path: '/tasks' })

const port = Number(process.env.PORT ?? 3000)
await app.listen(port)
console.log(`http://localhost:${port}`)

// Ends the server first, then what is injected.
process.once('SIGTERM', () => void app.close())
