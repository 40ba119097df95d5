"""Milliseconds a training step of DeepXDE takes with PyTorch on the problem of bench_pinn_training:
Burgers' residual at 10,000 points, 5 x 64 or 5 x 256 tanh, Adam.

    python3 deepxde_rate.py THREADS WIDTH PRECISION [STEPS]

The median over blocks of steps is printed. scikit-optimize, which DeepXDE imports for quasi-random points,
is not needed here (pseudo-random ones are drawn), so it may be missing.
"""

import os
import statistics
import sys
import time
import types

os.environ["DDE_BACKEND"] = "pytorch"
threads, width, precision = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
steps = int(sys.argv[4]) if len(sys.argv) > 4 else 10

try:
    import skopt  # noqa: F401
except ImportError:
    sys.modules["skopt"] = types.ModuleType("skopt")

import math

import deepxde as dde
import torch

torch.set_num_threads(threads)
dde.config.set_default_float(precision)
dde.config.set_random_seed(1)


def residual(x, u):
    du_x = dde.grad.jacobian(u, x, i=0, j=0)
    du_t = dde.grad.jacobian(u, x, i=0, j=1)
    du_xx = dde.grad.hessian(u, x, i=0, j=0)
    return du_t + u * du_x - 0.01 / math.pi * du_xx


domain = dde.geometry.GeometryXTime(dde.geometry.Interval(-1, 1), dde.geometry.TimeDomain(0, 1))
data = dde.data.TimePDE(domain, residual, [], num_domain=10000, train_distribution="pseudo")
model = dde.Model(data, dde.nn.FNN([2] + [width] * 5 + [1], "tanh", "Glorot normal"))
model.compile("adam", lr=1e-3)


class Clock(dde.callbacks.Callback):
    def on_train_begin(self):
        self.times = []

    def on_batch_begin(self):
        self.start = time.perf_counter()

    def on_batch_end(self):
        self.times.append(time.perf_counter() - self.start)


clock = Clock()
with open(os.devnull, "w") as quiet:
    out, sys.stdout = sys.stdout, quiet
    model.train(iterations=steps + 2, display_every=10**9, callbacks=[clock])
    sys.stdout = out
print(1e3 * statistics.median(clock.times[2:]))
