"""The client, as coroutines: the methods of each resource in a file of their own."""
