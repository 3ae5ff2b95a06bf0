"""Lambda entry points. SAM: `Handler: functions.provider.app.app`, `.resolve` and `.relay`."""

from functions.provider.bootstrap import connect, relay_of, ticket_key
from functions.provider.routes import build
from kernel import observe
from kernel.settings import settings

observe.configure("provider", settings())
app = build(connect(settings()), ticket_key=ticket_key(settings()), relay=relay_of(settings()))
resolve = app.handler_map["resolve"]
relay = app.handler_map["relay"]
