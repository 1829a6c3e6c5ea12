"""`python -m bptui.cli`."""

import sys

from bptui.cli import main

sys.exit(main())
