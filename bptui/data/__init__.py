"""Toy data and minibatches."""
