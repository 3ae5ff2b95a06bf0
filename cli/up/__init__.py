"""`coderev up`: the whole platform on this machine, from nothing to the first answer and back to nothing."""
