#: refuses: 1: holds no class that derives from nn.Module
import math


def area(r):
    return math.pi * r**2


print(area(2))
