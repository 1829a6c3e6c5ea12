"""The descend lab: trajectories on the loss surface."""
