"""What stands around the functions: databases, topics, images."""
