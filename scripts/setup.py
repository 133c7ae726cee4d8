"""Prepare this folder for work: `python3 -m scripts.setup local|dev`. The Makefile calls it first.

Only the standard library, and in this file only syntax that every Python 3 can read, so that an old
one gets a sentence instead of a syntax error.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - that of the machine, not of the project
    sys.exit(
        "Windrow's set-up needs a python3 of version 3.11 or newer, and this one is "
        + sys.version.split()[0]
        + ": install a newer Python, or name one with `make PYTHON=/path/to/python3 ...`."
    )

from scripts.setup_environment import main  # only a new enough Python may read that file

sys.exit(main())
