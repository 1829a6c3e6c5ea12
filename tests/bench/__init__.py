"""Measurements. They print figures and assert none; README.md has them."""

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # one thread, set before NumPy is imported, here and in every process started
