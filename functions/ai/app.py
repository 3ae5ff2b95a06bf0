"""Lambda entry points. SAM: `Handler: functions.ai.app.app`, `.on_analysis_completed` and `.relay`."""

from functions.ai.bootstrap import connect, dead_letters_of, relay_of
from functions.ai.routes import build
from kernel import observe
from kernel.settings import settings

observe.configure("ai", settings())
app = build(connect(settings()), dead_letters=dead_letters_of(settings()), relay=relay_of(settings()))
on_analysis_completed = app.handler_map["on_analysis_completed"]
relay = app.handler_map["relay"]
