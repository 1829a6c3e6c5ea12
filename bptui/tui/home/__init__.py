"""The first screen: where one goes on, the lessons, the labs and the nets."""
