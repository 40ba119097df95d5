"""Windows a second of the same U-Net trained by PyTorch in Python, on the same shapes of data.

The network is surrogates/torch_unet.cpp on a periodic box, written as one writes it in PyTorch
(Conv2d with circular padding), and the step is that of surrogates/torch_trainer.cpp: a batch from
memory, noise on the state, forward, mean square error of the increment, backward, clipping by norm,
AdamW (PyTorch's fused one), moving average of the weights. Prints a line for each memory layout.

  python3 unet.py [key=value]...   the keys of bench_surrogates_training that bear on unet
"""

import copy
import os
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

options = dict(precision="float32", cells="256,128", batch="8", width="24", levels="3", patch="2",
               steps="20", max_width="128")
for word in sys.argv[1:]:
    key, _, value = word.partition("=")
    if key not in options:
        sys.exit(f"{word}: not key=value with a known key")
    options[key] = value
width, height = (int(n) for n in options["cells"].split(","))
batch, levels, patch, steps = (int(options[k]) for k in ("batch", "levels", "patch", "steps"))
half = options["precision"] == "bfloat16"
PROGNOSTIC, CONSTANT, FRAMES = 3, 2, 20


def conv(n_in, n_out, size):
    if size == 1:
        return nn.Conv2d(n_in, n_out, 1)
    return nn.Conv2d(n_in, n_out, 3, padding=1, padding_mode="circular")


class Block(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.first, self.second = conv(n_in, n_out, 3), conv(n_out, n_out, 3)
        self.skip = conv(n_in, n_out, 1) if n_in != n_out else nn.Identity()

    def forward(self, x):
        return F.silu(self.skip(x) + self.second(F.silu(self.first(x))))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        base = int(options["width"])
        w = [min(base << level, max(int(options["max_width"]), base)) for level in range(levels + 1)]
        inputs = PROGNOSTIC + CONSTANT
        self.stem = conv(inputs * patch**2, w[0], 3)
        self.down = nn.ModuleList(Block(w[max(n - 1, 0)], w[n]) for n in range(levels))
        self.bottom = Block(w[levels - 1], w[levels])
        self.lift = nn.ModuleList(conv(w[n + 1], w[n], 1) for n in range(levels))
        self.up = nn.ModuleList(Block(2 * w[n], w[n]) for n in range(levels))
        self.head = conv(w[0], PROGNOSTIC * patch**2, 3)
        hidden = max(8, 2 * PROGNOSTIC)
        if patch > 1:
            self.refine0 = conv(PROGNOSTIC + inputs, hidden, 3)
            self.refine1 = conv(hidden, PROGNOSTIC, 3)

    def forward(self, inputs):
        x = F.pixel_unshuffle(inputs, patch) if patch > 1 else inputs
        x = F.silu(self.stem(x))
        skips = []
        for block in self.down:
            x = block(x)
            skips.append(x)
            x = F.avg_pool2d(x, 2)
        x = self.bottom(x)
        for n in reversed(range(levels)):
            x = F.interpolate(self.lift[n](x), scale_factor=2, mode="nearest")
            x = self.up[n](torch.cat([x, skips[n]], 1))
        x = self.head(x)
        if patch == 1:
            return x
        x = F.pixel_shuffle(x, patch)
        return x + self.refine1(F.silu(self.refine0(torch.cat([x, inputs], 1))))


def measure(layout, name):
    torch.manual_seed(1)
    network = UNet().to(memory_format=layout)
    average = copy.deepcopy(network)
    data = torch.randn(FRAMES, PROGNOSTIC, height, width).to(memory_format=layout)
    constant = torch.ones(batch, CONSTANT, height, width).to(memory_format=layout)
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-4, weight_decay=1e-4, fused=True)
    scale = 0.1
    times = []
    for step in range(steps + 2):
        picked = torch.tensor([(7 * b + step) % (FRAMES - 1) for b in range(batch)])
        start = time.perf_counter()
        state = data[picked]
        target = data[picked + 1]
        state = state + torch.randn_like(state) * (0.1 * scale)
        inputs = torch.cat([state, constant], 1)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            increment = network(inputs)
        loss = ((state + increment.float() * scale - target) / scale).square().mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 0.005)
        loss.item()
        if step >= 2:
            times.append(time.perf_counter() - start)
    weights = sum(p.numel() for p in network.parameters())
    median = sorted(times)[len(times) // 2]
    print(f"torch {torch.__version__} unet {options['precision']:9s} {name:13s} {weights:8d} weights "
          f"{batch / median:9.2f} windows/s", flush=True)


torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
measure(torch.contiguous_format, "contiguous")
measure(torch.channels_last, "channels-last")
