"""The corpus is read, never run as a test; the script that makes the golden file imports torch."""

collect_ignore = ["make_corpus_golden.py", "corpus"]
