"""A module that no other function has."""


def found():
    return "it was found"


def handler(event, context):
    return found()
