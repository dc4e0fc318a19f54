#!/usr/bin/python3
"""
Prints PyTorch's median time in milliseconds for logits and input gradient of one of torchvision's classification architectures, one
picture, two threads, and what computes its matrix products, as JSON.

Use: time.py ARCHITECTURE
"""
import json
import statistics
import sys
import time
from pathlib import Path

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
loaded = Path("/proc/self/maps").read_text()
blas = "OpenBLAS" if "openblas" in loaded else "MKL" if "libmkl" in loaded else "Debian's plain BLAS"
print(json.dumps({"torchMilliseconds": statistics.median(times), "blas": blas}))
