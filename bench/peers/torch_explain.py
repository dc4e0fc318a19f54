#!/usr/bin/python3
"""Times explanations in PyTorch, to be given to the bench as --peer "/usr/bin/python3 bench/peers/torch_explain.py".

Needs Debian's python3-torch and python3-torchvision. Takes the name of a case and prints one JSON object a line.
"""
import json
import statistics
import sys
import time

import torch
import torchvision

STEPS = 50
REPEAT = 2


def integrated_gradients(network, image, batch):
    """Gauss-Legendre would cost the same: the nodes' places are no work."""
    alphas = (torch.arange(STEPS) + 0.5) / STEPS
    total = torch.zeros_like(image)
    for part in alphas.split(batch):
        points = (part.view(-1, 1, 1, 1) * image).requires_grad_(True)
        (slope,) = torch.autograd.grad(network(points)[:, 0].sum(), points)
        total += slope.sum(0, keepdim=True)
    return image * total / STEPS


def main():
    torch.set_num_threads(2)
    torch.manual_seed(0)
    for case in sys.argv[1:]:
        if case != "integrated-gradients":
            continue
        network = torchvision.models.resnet50(weights=None).eval()
        for parameter in network.parameters():
            parameter.requires_grad_(False)
        image = torch.rand(1, 3, 224, 224)
        for batch in (1, 10):
            integrated_gradients(network, image, batch)
            times = []
            for _ in range(REPEAT):
                start = time.perf_counter()
                integrated_gradients(network, image, batch)
                times.append(1000 * (time.perf_counter() - start))
            row = {"case": case, "variant": f"{STEPS} steps, {batch} at a time"}
            row |= {"median_ms": round(statistics.median(times), 2), "min_ms": round(min(times), 2)}
            print(json.dumps(row), flush=True)


main()
