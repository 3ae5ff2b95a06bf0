"""Says which layer a module came from."""

import of_layer
import packaged


def handler(event, context):
    return {"of_layer": of_layer.FROM, "packaged": packaged.FROM}
