"""The launcher of the embedded stack: the project's own template on an AWS emulator, right here."""
