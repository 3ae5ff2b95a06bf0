"""The services that `coderev up` starts when no URL is given."""
