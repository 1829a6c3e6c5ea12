"""The backprop engine: modules, graphs, and the two ways to run one (tape and plan). NumPy only."""
