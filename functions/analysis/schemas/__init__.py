"""What goes over the wire, a module a resource. Changing a field here changes the public API."""
