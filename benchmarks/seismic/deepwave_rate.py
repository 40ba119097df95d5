"""Deepwave's scalar propagator on the problem of peer.yaml: seconds of the forward steps, and of the
forward and backward steps, best of three. Prints: steps, forward seconds, gradient seconds."""
import sys
import time

import deepwave
import torch

threads, cells, steps, dt, spacing = int(sys.argv[1]), 984, 400, 0.002, 10.0
torch.set_num_threads(threads)
speed = torch.full((cells, cells), 2000.0)
source = deepwave.wavelets.ricker(15, steps, dt, 1.2 / 15).reshape(1, 1, -1)
at_source = torch.tensor([[[491, 492]]])
at_receivers = torch.stack(
    [torch.full((cells,), 491), torch.arange(cells)], dim=1
).reshape(1, cells, 2)


def traces(model):
    return deepwave.scalar(
        model, spacing, dt, source_amplitudes=source, source_locations=at_source,
        receiver_locations=at_receivers, accuracy=8, pml_width=20, pml_freq=15,
    )[-1]


def best(work):
    seconds = []
    for _ in range(4):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])


def gradient():
    model = speed.clone().requires_grad_()
    traces(model).square().sum().backward()


with torch.no_grad():
    forward = best(lambda: traces(speed))
print(steps, forward, best(gradient))
