FROM = "first"
