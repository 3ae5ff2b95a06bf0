"""Lambda entry points. SAM: `Handler: functions.analysis.app.` + `app`, `on_version_published`, `on_work`, `relay`, `retain`."""

from functions.analysis.bootstrap import connect, dead_letters_of, relay_of
from functions.analysis.routes import build
from kernel import observe
from kernel.settings import settings

observe.configure("analysis", settings())
app = build(connect(settings()), relay_of(settings()), dead_letters_of(settings()))
on_version_published = app.handler_map["on_version_published"]
on_work = app.handler_map["on_work"]
relay = app.handler_map["relay"]
retain = app.handler_map["retain"]
