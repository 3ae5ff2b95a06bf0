"""Lambda entry points. SAM: `Handler: functions.project.app.app`, `.on_upload` and `.relay`."""

from functions.project.bootstrap import connect, dead_letters_of, relay_of
from functions.project.routes import build
from kernel import observe
from kernel.settings import settings

observe.configure("project", settings())
app = build(connect(settings()), relay_of(settings()), dead_letters_of(settings()))
on_upload = app.handler_map["on_upload"]
fetch = app.handler_map["fetch"]
relay = app.handler_map["relay"]
sweep = app.handler_map["sweep"]
on_export = app.handler_map["on_export"]
on_analysis_completed = app.handler_map["on_analysis_completed"]
post = app.handler_map["post"]
