"""A U-Net trained in PyTorch on a dataset of Understudy's, for `understudy import`.

train_unet.py DATASET FOLDER
"""

import sys
from pathlib import Path

import h5py
import numpy as np
import torch
from torch import nn

dataset, out = Path(sys.argv[1]), Path(sys.argv[2])
names = ["u", "v", "p"]


def frames(path: Path) -> torch.Tensor:  # [frame, channel, x, y], as they lie in the file
    with h5py.File(path) as file:
        return torch.tensor(np.stack([file["t0_fields"][name][0] for name in names], axis=1))


def convolutions(given: int, made: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(given, made, 3, padding=1), nn.GELU(),
                         nn.Conv2d(made, made, 3, padding=1), nn.GELU())


class UNet(nn.Module):
    def __init__(self, channels: int, width: int = 16) -> None:
        super().__init__()
        self.fine, self.coarse = convolutions(channels, width), convolutions(width, 2 * width)
        self.last = nn.Conv2d(3 * width, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        fine = self.fine(x)
        coarse = self.coarse(nn.functional.avg_pool2d(fine, 2))
        return self.last(torch.cat([fine, nn.functional.interpolate(coarse, scale_factor=2.0)], 1))


torch.manual_seed(1)
samples = [frames(path) for path in sorted((dataset / "train").glob("*.hdf5"))]
before, change = torch.cat([s[:-1] for s in samples]), torch.cat([s[1:] - s[:-1] for s in samples])
mean, std, change_std = before.mean((0, 2, 3)), before.std((0, 2, 3)), change.std((0, 2, 3))
x = (before - mean.view(1, -1, 1, 1)) / std.view(1, -1, 1, 1)
y = change / change_std.view(1, -1, 1, 1)
pad = 8  # cells a side, as `understudy import` adds them: nearest at inflow and outflow, mirrored at walls
x = nn.functional.pad(x, [0, 0, pad, pad], mode="replicate")
x = nn.functional.pad(x, [pad, pad, 0, 0], mode="reflect")
model = UNet(len(names))
optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
for step in range(100):
    loss = ((model(x)[:, :, pad:-pad, pad:-pad] - y) ** 2).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
print(f"loss {loss.item():.3g} of the changes' variance")

out.mkdir(parents=True, exist_ok=True)
torch.jit.trace(model.eval(), x[:1]).save(str(out / "unet.pt"))
channels = "\n".join(
    f"  - {{name: {name}, mean: {mean[c]:.9g}, std: {std[c]:.9g}, change_std: {change_std[c]:.9g}}}"
    for c, name in enumerate(names))
(out / "card.yaml").write_text(
    f"takes: fields\nname: unet_of_pytorch\ndataset: {dataset.resolve()}\nengine: torchscript\n"
    f"axes: xyz\nprediction: increment\npad_cells: {pad}\nchannels:\n{channels}\n")
