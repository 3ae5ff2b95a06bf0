"""A constant answer by three servers: `python servers.py uvicorn|aiohttp|granian PORT`."""

import sys

BODY = b'{"hello": "world"}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})


def with_aiohttp(port):
    import uvloop
    from aiohttp import web

    async def hello(request):
        return web.Response(body=BODY, content_type="application/json")

    uvloop.install()
    served = web.Application()
    served.router.add_get("/hello", hello)
    web.run_app(served, host="127.0.0.1", port=port, access_log=None, print=None)


def with_uvicorn(port):
    import uvicorn

    uvicorn.run(app, port=port, http="httptools", loop="uvloop", access_log=False, log_level="error", lifespan="off")


def with_granian(port):
    from granian import Granian

    Granian("servers:app", port=port, interface="asginl", workers=1, log_enabled=False, loop="uvloop").serve()


if __name__ == "__main__":
    {"uvicorn": with_uvicorn, "aiohttp": with_aiohttp, "granian": with_granian}[sys.argv[1]](int(sys.argv[2]))
