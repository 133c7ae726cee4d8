"""`python -m windrow.cli`: a venv's own scripts do not work below a path with a space."""

import sys

from windrow.cli.main import main

sys.exit(main())
