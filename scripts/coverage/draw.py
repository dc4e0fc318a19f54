"""Random weights and pictures that behave as trained networks and photos do."""
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

# Where the slope of an activation jumps.
KINKS = {"relu": [0.0], "hardtanh": [0.0, 6.0], "hardswish": [-3.0, 3.0], "hardsigmoid": [-3.0, 3.0]}

# As parts of a tensor's root mean square: how near a value may lie to a kink, or to another of a max pool, which is several times what
# float32 loses on the way; the shifts tried to keep values off kinks; and how far weights are moved to undo a tie.
MARGIN = 3e-5
SHIFTS = [step * 5e-5 for step in range(-32, 33)]
NUDGE = 1e-3


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
    """Two places of a max pool were nearer than float32 can tell apart; the weights that made them are others now."""


class Settling(TorchFunctionMode):
    """
    Moves the weights of a float64 network that runs under it, by a thousandth or so, until its gradient for the picture does not hang on
    the last bit of float32, where one slope or another comes out and neither is wrong: biases until values keep away from the kinks of
    activations, and the rows of convolutions until no two places of a max pool tie. For the latter it raises Tie, to run again.
    """

    def __init__(self):
        super().__init__()
        self.bias = None
        self.generator = torch.Generator().manual_seed(0)

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kind = function.__name__
        if kind in ("conv2d", "linear"):
            self.bias = args[2]
        elif kind == "batch_norm":
            self.bias = kwargs["bias"]
        elif kind == "max_pool2d":
            self.part(args[0].rows, ties(*args, **kwargs))
        # Swin v2 computes its tables of positions by a ReLU over channels last, which sees nothing of the picture.
        elif kind in KINKS and args[0].shape[1] == len(self.bias):
            shift = shift_off(args[0], KINKS[kind])
            self.bias += shift
            shifted = args[0] + shift.reshape(1, -1, *[1] * (args[0].dim() - 2))
            shifted.rows = getattr(args[0], "rows", None)
            args = (shifted, *args[1:])
        result = function(*args, **(kwargs or {}))
        rows = rows_of(kind, args)
        if rows is not None:
            result.rows = rows
        return result

    def part(self, rows, channels):
        for channel in channels:
            row = rows[channel]
            row += NUDGE * row.square().mean().sqrt() * torch.randn(row.shape, generator=self.generator)
        if channels:
            raise Tie


def rows_of(kind, args):
    """The part of a convolution's weight that made each channel of a result."""
    if kind == "conv2d":
        return list(args[1])
    if kind == "cat":
        parts = [getattr(part, "rows", None) for part in args[0]]
        return sum(parts, []) if all(parts) else None
    if kind in ("batch_norm", "dropout", "max_pool2d", *KINKS):
        return getattr(args[0], "rows", None)
    return None


def shift_off(x, kinks):
    """Of the shifts of each channel of x [1, C, ...] the one that leaves all values farthest from the kinks, where they are near: [C]."""
    values = x.reshape(x.shape[1], -1)
    size = values.square().mean().sqrt()
    shifts = size * torch.tensor(SHIFTS, dtype=x.dtype)
    # No shift brings another value to the kink.
    count = min(values.shape[1], 256)
    distances = torch.cat([nearest_zero(values - kink, count) for kink in kinks], 1)
    margins = torch.stack([(distances + shift).abs().amin(1) for shift in shifts])
    return shifts[margins.argmax(0)].where(distances.abs().amin(1) < MARGIN * size, torch.zeros_like(size))


def nearest_zero(rows, count):
    return rows.gather(1, rows.abs().topk(count, largest=False).indices)


def ties(x, kernel, stride=None, padding=0, **_):
    """The channels of x in which two places of a window are too near."""
    # Beyond the right and lower edge too, where some pools end in a part of a window.
    padded = F.pad(x, [padding, padding + kernel - 1] * 2, value=-1e30)
    windows = F.unfold(padded.transpose(0, 1), kernel, stride=stride)
    first = windows.amax(1)
    # What is equal comes from one place, through another pool.
    second = windows.masked_fill(windows == first[:, None], -1e30).amax(1)
    near = first - second < MARGIN * x.square().mean().sqrt()
    # What is 0 comes out of a ReLU that nothing passes back through.
    return (near & (first > 0)).any(1).nonzero().flatten().tolist()


def settle(network, image):
    """Moves the weights of a float64 network until nothing near a kink or a tie decides its gradient for the picture."""
    settling = Settling()
    for _ in range(1000):
        try:
            with torch.no_grad(), settling:
                network(image)
            return
        except Tie:
            pass
    raise RuntimeError("ties remain")
