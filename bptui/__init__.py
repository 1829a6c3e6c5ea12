"""bptui: step through backpropagation, forwards and backwards in time, in a terminal."""

__version__ = "0.1.0"
