"""Random weights and pictures that behave as trained networks and photos do."""
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

# Where the slope of an activation jumps.
KINKS = {"relu": [0.0], "hardtanh": [0.0, 6.0], "hardswish": [-3.0, 3.0], "hardsigmoid": [-3.0, 3.0]}

# As parts of a tensor's root mean square: the shifts tried to keep values off kinks, and how near to each other two places of a max
# pool may lie, which is several times what float32 loses on the way.
SHIFTS = [step * 5e-5 for step in range(-32, 33)]
TIE_MARGIN = 1e-6


def picture(seed, side, count=1):
    """Noise of all sizes, as in photos, with mean 0 and variance 1, as preprocessing leaves it: [count, 3, side, side]."""
    generator = torch.Generator().manual_seed(seed)
    octaves = []
    for size in (4, 16, 64, side):
        noise = torch.randn(count, 3, size, size, generator=generator)
        octaves.append(F.interpolate(noise, (side, side), mode="bilinear", align_corners=False))
    total = sum(octaves)
    return (total - total.mean()) / total.std()


def draw_weights(network):
    """Draws what torchvision begins as a constant: scales and offsets of normalizations, layer scales, biases, heads, tokens."""
    torch.manual_seed(0)
    for name, parameter in network.named_parameters():
        if name.endswith("layer_scale"):
            parameter.uniform_(0.05, 0.5)
        elif (parameter == 1).all():
            parameter.uniform_(0.5, 1.5)
        # Swin v2 has none for its keys: it zeroes them again whenever it runs.
        elif (parameter == 0).all() and not name.endswith("qkv.bias"):
            parameter.normal_(0, 0.1)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            # Around 0, half of a random signal would be cut off at each ReLU and normalized up again, rounding and all: behind fifty
            # layers a thousand times what a trained network makes of it.
            module.bias.add_(0.5)


class Calibration(TorchFunctionMode):
    """
    Scales each convolution and dense layer that runs under it to an output of variance 1 (Mishkin and Matas 2016), and sets
    the statistics of each batch normalization to those of its input, as training would.
    """

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kind = function.__name__
        if kind == "batch_norm":
            x, mean, variance = args[:3]
            mean.copy_(x.mean((0, 2, 3)))
            variance.copy_(x.var((0, 2, 3)))
        result = function(*args, **(kwargs or {}))
        if kind in ("conv2d", "linear"):
            deviation = result.std()
            for weight in args[1:3]:
                if weight is not None:
                    weight.div_(deviation)
            return result / deviation
        return result


class Tie(Exception):
    """Two places of a max pool are nearer than float32 can tell apart."""


class Settling(TorchFunctionMode):
    """
    Moves the biases of the layers that run under it, by a thousandth of what they are added to at most, until the values of the picture
    keep away from the kinks of its activations: there the gradient is one or the other by the last bit of float32, and neither is
    wrong. Max pools have no bias to move.
    """

    def __init__(self):
        super().__init__()
        self.bias = None

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kind = function.__name__
        if kind in ("conv2d", "linear"):
            self.bias = args[2]
        elif kind == "batch_norm":
            self.bias = kwargs["bias"]
        elif kind == "max_pool2d":
            refuse_ties(*args, **kwargs)
        # Swin v2 computes its tables of positions by a ReLU over channels last, which sees nothing of the picture.
        elif kind in KINKS and args[0].shape[1] == len(self.bias):
            shift = shift_off(args[0], KINKS[kind])
            self.bias += shift
            args = (args[0] + shift.reshape(1, -1, *[1] * (args[0].dim() - 2)), *args[1:])
        return function(*args, **(kwargs or {}))


def shift_off(x, kinks):
    """Of the shifts of each channel of x [1, C, ...] the one that leaves all values farthest from the kinks: [C]."""
    values = x.reshape(x.shape[1], -1)
    shifts = values.square().mean().sqrt() * torch.tensor(SHIFTS, dtype=x.dtype)
    # No shift brings another value to the kink.
    count = min(values.shape[1], 256)
    distances = torch.cat([nearest_zero(values - kink, count) for kink in kinks], 1)
    margins = torch.stack([(distances + shift).abs().amin(1) for shift in shifts])
    return shifts[margins.argmax(0)]


def nearest_zero(rows, count):
    return rows.gather(1, rows.abs().topk(count, largest=False).indices)


def refuse_ties(x, kernel, stride=None, padding=0, **_):
    # Beyond the right and lower edge too, where some pools end in a part of a window.
    padded = F.pad(x, [padding, padding + kernel - 1] * 2, value=-1e30)
    windows = F.unfold(padded.transpose(0, 1), kernel, stride=stride)
    first = windows.amax(1, keepdim=True)
    # What is equal comes from one place, through another pool.
    second = windows.masked_fill(windows == first, -1e30).amax(1, keepdim=True)
    # What is 0 comes out of a ReLU that nothing passes back through.
    gap = (first - second)[first > 0]
    if gap.amin() < TIE_MARGIN * x.square().mean().sqrt():
        raise Tie


def settle(network, side):
    """
    Settles a float64 network on the first of the seeded pictures that leaves no ties, and gives that seed.
    """
    for seed in range(1000):
        try:
            with torch.no_grad(), Settling():
                network(picture(seed, side).double())
            return seed
        except Tie:
            pass
    raise RuntimeError("every picture has ties")
