/** The words of the test runner's framework, as far as these tests use them. */
type TestBody = () => void | Promise<void>

declare function describe(name: string, body: () => void): void
declare function it(name: string, body: TestBody): void
declare function before(body: () => unknown): void
declare function after(body: () => unknown): void
declare function beforeEach(body: () => unknown): void
declare function afterEach(body: () => unknown): void
