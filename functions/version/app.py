"""Lambda entry points. SAM: `Handler: functions.version.app.app` and `.relay`."""

from functions.version.bootstrap import connect, relay_of
from functions.version.routes import build
from kernel import observe
from kernel.settings import settings

observe.configure("version", settings())
app = build(connect(settings()), relay_of(settings()))
relay = app.handler_map["relay"]
