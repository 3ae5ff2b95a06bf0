"""Asynchronous work through Celery: due jobs are handed to workers, who ask the owning emulator to run them.

The queue in the emulator's store stays the truth. What Redis holds is only who is asked next: if Redis or a worker
dies, the emulator asks again, and in the end runs the job itself.
"""
