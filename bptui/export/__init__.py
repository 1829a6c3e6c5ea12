"""What goes out: one training step as a PyTorch or a NumPy program, the diagram for Graphviz, a handout in Markdown."""
