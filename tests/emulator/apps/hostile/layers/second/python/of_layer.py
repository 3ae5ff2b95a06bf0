FROM = "second"
