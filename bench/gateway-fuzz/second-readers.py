"""Reads what was forwarded with h11 and httptools: lines of base64 in, lines of JSON out."""

import base64
import json
import sys

import h11
import httptools


def with_h11(data):
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data)
    connection.receive_data(b"")
    requests, body = [], b""
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                current = [event.method.decode("latin1"), event.target.decode("latin1")]
                body = b""
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                requests.append([*current, body.decode("latin1")])
                connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                connection.send(h11.EndOfMessage())
            elif event is h11.PAUSED:
                connection.start_next_cycle()
            else:
                return requests, ""
    except h11.RemoteProtocolError as error:
        return requests, str(error)


class Collector:
    def __init__(self):
        self.requests = []

    def on_message_begin(self):
        self.url, self.body = b"", b""

    def on_url(self, url):
        self.url += url

    def on_body(self, body):
        self.body += body

    def on_message_complete(self):
        method = self.parser.get_method().decode("latin1")
        self.requests.append([method, self.url.decode("latin1"), self.body.decode("latin1")])


def with_httptools(data):
    collector = Collector()
    collector.parser = httptools.HttpRequestParser(collector)
    try:
        collector.parser.feed_data(data)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
        return collector.requests, type(error).__name__ + ": " + str(error)
    return collector.requests, ""


for line in sys.stdin:
    data = base64.b64decode(line)
    print(json.dumps([with_h11(data), with_httptools(data)]), flush=True)
