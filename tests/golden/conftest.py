"""The script that makes the golden file is no test, and imports torch."""

collect_ignore = ["make_torch.py"]
