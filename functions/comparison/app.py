"""Lambda entry points. SAM: `Handler: functions.comparison.app.app` and `.relay`."""

from functions.comparison.bootstrap import connect, relay_of
from functions.comparison.routes import build
from kernel import observe
from kernel.settings import settings

observe.configure("comparison", settings())
app = build(connect(settings()), relay_of(settings()))
relay = app.handler_map["relay"]
