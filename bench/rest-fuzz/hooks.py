"""What the OpenAPI document cannot tell a generator of requests."""

import hashlib
import re
from urllib.parse import urlencode

import schemathesis

# Of 64 KiB of a request's head: beyond, the connection ends before all of it is sent, and no answer can be read.
query_bytes_max = 60_000


@schemathesis.hook
def filter_case(context, case):
    return len(urlencode(case.query or {}, doseq=True)) <= query_bytes_max


@schemathesis.hook
def before_call(context, case, kwargs):
    """The same request has the same idempotency key, and another request another one: else most would be refused with 422."""
    key = (case.headers or {}).get("Idempotency-Key")
    if key is None or not re.fullmatch(r"[\x21-\x7e]{1,255}", str(key)):
        return
    asked = repr((case.method, case.formatted_path, case.query, case.media_type, case.body))
    case.headers["Idempotency-Key"] = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()
