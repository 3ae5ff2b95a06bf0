TOOL = "from the layer"
