import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestPlane } from '../../packages/testing/src/plane.ts'

/** A server of one process that answers HTTP in as little memory as this machine has a program for. */
interface SmallServer {
  readonly program: string
  readonly run: string
  /** Its working folder, by file name. */
  readonly files: Readonly<Record<string, string>>
}

const perlServer = `use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ENV{PORT}, Listen => 128, ReuseAddr => 1) or die $!;
while (my $client = $server->accept) {
  my $head = '';
  while ($head !~ /\\r\\n\\r\\n/ && sysread($client, my $part, 4096)) { $head .= $part }
  print $client "HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\nok\\n";
  close $client;
}
`
const pythonServer = `import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', '3')
        self.end_headers()
        self.wfile.write(b'ok\\n')
    def log_message(self, *words):
        pass
http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Answer).serve_forever()
`
const nodeServer =
  "require('node:http').createServer((_, reply) => reply.end('ok\\n')).listen(process.env.PORT, '127.0.0.1')\n"

/** The smallest first. */
const servers: readonly SmallServer[] = [
  {
    program: 'busybox',
    run: 'exec busybox httpd -f -p 127.0.0.1:$PORT',
    files: { 'index.html': 'ok\n' },
  },
  { program: 'perl', run: 'exec perl server.pl', files: { 'server.pl': perlServer } },
  { program: 'python3', run: 'exec python3 server.py', files: { 'server.py': pythonServer } },
  { program: 'node', run: 'exec node server.js', files: { 'server.js': nodeServer } },
]

/** What replicas run here: the first program that this machine has. */
export function smallServer(): SmallServer {
  const found = servers.find(({ program }) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0)
  if (found === undefined) throw new Error('this machine has none of the programs that could serve')
  return found
}

/** Brings up a service of one such replica, and waits until it is ready. */
export async function serveSmall(plane: TestPlane, name: string, server: SmallServer): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'skykeep-scale-'))
  const workdir = path.join(folder, 'workdir')
  mkdirSync(workdir)
  for (const [file, text] of Object.entries(server.files)) writeFileSync(path.join(workdir, file), text)
  const file = path.join(folder, 'service.yaml')
  writeFileSync(
    file,
    `name: ${name}\nworkdir: ./workdir\nresources:\n  infra: local\n  cpus: 0.01\nrun: ${server.run}\nservice:\n  readiness_probe: /\n  replicas: 1\n`,
  )
  const { code, stdout, stderr } = await plane.cli('serve', 'up', file)
  rmSync(folder, { recursive: true })
  if (code !== 0) throw new Error(`${name}: ${stdout}${stderr}`)
}
