#!/usr/bin/env python3
"""The life of a service with Python's standard library: up, wait, ask, update, roll back, list events, down.

SKYKEEP is the dashboard's address, TOKEN a token of `skykeep token create NAME`.
"""

import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

YAML = (pathlib.Path(__file__).parent / "greeting.yml").read_text()
NAME = "api-python"


class Problem(Exception):
    """What the API answered instead (RFC 9457)."""

    def __init__(self, body: dict):
        super().__init__(f"{body['status']} {body['code']}: {body['detail']} {body['hint'] or ''}")
        self.body = body


class Skykeep:
    def __init__(self, address: str, token: str):
        self.api = f"{address}/api/v1"
        self.token = token

    def open(self, method, path, body=None, query=None, headers=None, timeout=30):
        url = f"{self.api}{path}?{urllib.parse.urlencode(query)}" if query else f"{self.api}{path}"
        sent = {"authorization": f"Bearer {self.token}", **(headers or {})}
        if body is not None:
            sent["content-type"] = "application/json"
        request = urllib.request.Request(
            url, method=method, headers=sent, data=None if body is None else json.dumps(body).encode()
        )
        try:
            return urllib.request.urlopen(request, timeout=timeout)
        except urllib.error.HTTPError as error:
            raise Problem(json.load(error)) from None

    def call(self, method, path, body=None, **query):
        with self.open(method, path, body, query) as response:
            return json.load(response) if response.status != 204 else None

    def pages(self, path, **query):
        """Every item of a list, page by page."""
        cursor = {}
        while cursor is not None:
            page = self.call("GET", path, **query, **cursor)
            yield from page["items"]
            cursor = {"cursor": page["nextCursor"]} if page["nextCursor"] else None

    def watch(self, after, **query):
        """Every event after that number, for ever: opens the stream anew where it broke off."""
        while True:
            try:
                # A comment comes every ten seconds: a longer silence means that nobody is there.
                with self.open("GET", "/watch", None, query, {"last-event-id": str(after)}, timeout=30) as stream:
                    for kind, number, event in messages(stream):
                        after = number or after
                        if kind == "reset":
                            raise LookupError("events were lost: list what there is, then watch again")
                        if kind == "error":
                            raise Problem(event)
                        if event is not None:
                            yield event
            except (OSError, urllib.error.URLError) as error:
                print(f"the stream broke off ({error}); goes on after event {after}", file=sys.stderr)
                time.sleep(1)


def messages(stream):
    """Server-sent events: the kind, the id and the data of each."""
    kind, number, data = "message", None, []
    for line in (raw.decode().rstrip("\r\n") for raw in stream):
        if line == "":
            if number is not None or data:
                yield kind, number, json.loads("\n".join(data)) if data else None
            kind, number, data = "message", None, []
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                kind = value
            elif name == "id":
                number = value
            elif name == "data":
                data.append(value)


def until(events, uid, status):
    """Reads on until this object has this status."""
    for event in events:
        if event["type"] != "status.changed":
            continue
        print(f"  {event['kind']} {event['uid']}: {event['to']} {event['message']}")
        if event["kind"] == "operation" and event["to"] == "FAILED":
            sys.exit(f"failed: {event['message']}")
        if event["uid"] == uid and event["to"] == status:
            return


def ask(url, expected):
    """Asks until the answer is the expected one: for a moment the gateway may not know a new replica, or an old one may still answer."""
    answer = ""
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=30) as response:
                answer = response.read().decode().strip()
        except urllib.error.HTTPError as error:
            answer = str(error)
        if answer == expected:
            print(f"  {url} says: {answer}")
            return
        time.sleep(0.2)
    sys.exit(f"{url} still says: {answer}")


def main():
    skykeep = Skykeep(os.environ["SKYKEEP"], os.environ["TOKEN"])
    print(f"signed in as {skykeep.call('GET', '/me')['name']}")
    last = skykeep.call("GET", "/events", limit=1)["items"]
    events = skykeep.watch(last[0]["seq"] if last else 0, service=NAME)

    up = skykeep.call("POST", "/services", {"name": NAME, "yaml": YAML})
    print(f"up: {up}")
    until(events, up["serviceUid"], "READY")
    ask(up["endpointUrl"], "Hello")

    wish = {"yaml": YAML, "envs": {"GREETING": "Good morning"}, "policy": {"mode": "rolling"}}
    update = skykeep.call("POST", f"/services/{NAME}/versions", wish)
    print(f"update: {update}")
    until(events, update["operationUid"], "SUCCEEDED")
    ask(up["endpointUrl"], "Good morning")

    back = skykeep.call("POST", f"/services/{NAME}/rollback", {"to": 1})
    print(f"roll back: {back}")
    until(events, back["operationUid"], "SUCCEEDED")
    ask(up["endpointUrl"], "Hello")

    print("the last three events:")
    for event in skykeep.call("GET", "/events", service=NAME, limit=3)["items"]:
        print(f"  {event['seq']} {event['type']} {event['message']}")
    print(f"operations: {[operation['verb'] for operation in skykeep.pages('/operations', search=NAME, limit=2)]}")

    down = skykeep.call("DELETE", f"/services/{NAME}")
    until(events, down["operationUid"], "SUCCEEDED")
    print(f"nothing of {NAME} is left")


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(f"refused: {problem}")
