import os


def name():
    return os.environ["NAME"]
