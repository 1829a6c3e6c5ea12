"""A receipt opened where NumPy computes with other kernels: the numbers are the saved ones to 1e-9, and it says so."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from bptui.session.history import Address
from bptui.session.session import Session
from bptui.sources.presets import PRESETS
from bptui.sources.receipts import to_receipt

STEPS = 50
READ = """
import sys
from pathlib import Path
from bptui.sources.receipts import from_receipt
for path in sorted(Path(sys.argv[1]).glob("*.toml")):
    print(path.stem, from_receipt(path.read_text()).arrived(), sep=": ")
"""


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names kernels of this processor family")
@pytest.mark.parametrize("kernels", ["Prescott", "Haswell"])
def test_fifty_steps_of_every_net_agree_on_another_processor(tmp_path: Path, kernels: str) -> None:
    for name, experiment in PRESETS.items():
        history = Session(experiment).history
        history.train(0, 0, STEPS)
        (tmp_path / f"{name}.toml").write_text(
            to_receipt(history, Address(0, STEPS, 0), history.parameters(0, STEPS)[1])
        )
    elsewhere = os.environ | {"OPENBLAS_CORETYPE": kernels}
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path)], env=elsewhere, capture_output=True, text=True, check=True
    )
    told = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert told.keys() == PRESETS.keys()
    for said in told.values():
        assert said.startswith(
            (f"run again, {STEPS} steps: every bit", f"run again, {STEPS} steps: as it was saved to")
        )
