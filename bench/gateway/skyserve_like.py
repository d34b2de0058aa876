"""A balancer of the kind that SkyServe has: FastAPI in front, httpx behind, one process."""
import itertools
import os

import fastapi
import httpx
import uvicorn
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

app = fastapi.FastAPI()
client = httpx.AsyncClient(timeout=120, limits=httpx.Limits(max_connections=1000))
replicas = itertools.cycle(os.environ["REPLICAS"].split(","))


@app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "DELETE"])
async def proxy(request: fastapi.Request):
    url = httpx.URL(next(replicas)).join(request.url.path)
    forwarded = client.build_request(
        request.method, url, headers=request.headers.raw, content=await request.body(), timeout=120
    )
    answer = await client.send(forwarded, stream=True)
    return StreamingResponse(
        answer.aiter_raw(),
        status_code=answer.status_code,
        headers=answer.headers,
        background=BackgroundTask(answer.aclose),
    )


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error", access_log=False)
