// Nothing: what it costs to start the runtime and to leave it again.
