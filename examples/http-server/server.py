"""Answers a small page, and /health for the readiness probe."""
import http.server
import os
import signal
import sys
import threading

PAGE = b'<html><body><h1>Hello from http-server</h1></body></html>\n'


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        body = b'ok\n' if self.path == '/health' else PAGE
        self.send_response(200)
        self.send_header('Content-Type', 'text/plain' if self.path == '/health' else 'text/html')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


port = int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get('PORT', '8080'))
server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Handler)
server.daemon_threads = True
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print(f'listens on 127.0.0.1:{server.server_port}', flush=True)
server.serve_forever()
