"""Events that code hosts send: who sent them is proved before anything is read. Standard library only."""
