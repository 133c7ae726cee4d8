"""The mail of the local stack: a server that takes every mail, keeps it and shows it."""
