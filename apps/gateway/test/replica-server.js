import { createServer } from 'node:http'

// A replica: answers after a moment, so that there is always something in flight.
const server = createServer((incoming, response) => {
  incoming.resume()
  setTimeout(() => response.end('hello'), 5)
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
