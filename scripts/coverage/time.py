#!/usr/bin/python3
"""
Prints PyTorch's median time in milliseconds for logits and input gradient of one of torchvision's classification architectures, one
picture, two threads.

Use: time.py ARCHITECTURE
"""
import statistics
import sys
import time

import torch
from architectures import build, side
from draw import picture

torch.set_num_threads(2)
name = sys.argv[1]
network = build(name)
image = picture(0, side(name))


def run():
    x = image.clone().requires_grad_(True)
    network(x)[0, 0].backward()


run()
times = []
begin = time.perf_counter()
# Three times or for three seconds.
while len(times) < 3 and time.perf_counter() - begin < 3:
    start = time.perf_counter()
    run()
    times.append((time.perf_counter() - start) * 1e3)
print(statistics.median(times))
