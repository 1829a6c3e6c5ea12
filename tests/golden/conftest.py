"""The scripts that make the golden files are no tests, and import torch."""

collect_ignore = ["make_torch.py", "make_trajectories.py"]
